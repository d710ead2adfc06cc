// Idiom of github.com/vendure-ecommerce/vendure: rows found one by one through repositories.
import { Column, Entity, In, PrimaryGeneratedColumn, type EntityManager, type Repository } from 'typeorm';

@Entity()
export class Customer {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column({ unique: true }) email!: string;
  @Column() name!: string;
}

@Entity()
export class Invoice {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() customerId!: string;
  @Column() total!: number;
}

export async function names(customers: Repository<Customer>, invoices: Invoice[]) {
  const found: string[] = [];
  for (const invoice of invoices) {
    const customer = await customers.findOneBy({ id: invoice.customerId });
    //                               ^^^^^^^^^ n-plus-one/query-in-loop medium "'findOneBy' queries 'Customer' once per element of 'invoices'"
    if (customer !== null) found.push(customer.name);
  }
  return found;
}

export async function totals(manager: EntityManager, customers: Customer[]) {
  const customerIds = customers.map((customer) => customer.id);
  const invoiceRows = await manager.find(Invoice, {
    //                           ^^^^ n-plus-one/query-in-loop medium "'find' queries 'Invoice' once per element of 'customers'"
    where: { customerId: In(customerIds) },
    order: { total: 'DESC' },
  });
  const invoicesByCustomerId = new Map<(typeof invoiceRows)[number]['customerId'], typeof invoiceRows>();
  for (const invoiceRow of invoiceRows) {
    const same = invoicesByCustomerId.get(invoiceRow.customerId);
    if (same === undefined) invoicesByCustomerId.set(invoiceRow.customerId, [invoiceRow]);
    else same.push(invoiceRow);
  }
  return Promise.all(
    customers.map(async (customer) => {
      const invoices = invoicesByCustomerId.get(customer.id) ?? [];
      return invoices.reduce((sum, invoice) => sum + invoice.total, 0);
    }),
  );
}

export async function knownEmails(customers: Repository<Customer>, emails: readonly string[]) {
  const known = await customers.find({ where: { email: In([...emails]) } }); // ok n-plus-one/query-in-loop: one query for all
  return new Map(known.map((customer) => [customer.email, customer]));
}

export async function namesOfEach(customers: Repository<Customer>, invoices: Invoice[]) {
  const ids = invoices.map((invoice) => invoice.customerId);
  const byId = new Map((await customers.findBy({ id: In(ids) })).map((customer) => [customer.id, customer])); // ok n-plus-one/query-in-loop: one query for all
  return invoices.map((invoice) => byId.get(invoice.customerId)?.name);
}

export function searches(customers: Repository<Customer>, words: string[]) {
  const query = customers.createQueryBuilder('customer');
  for (const word of words) query.orWhere('customer.name LIKE :word', { word }); // ok n-plus-one/query-in-loop: only builds the statement
  return query.getMany();
}
