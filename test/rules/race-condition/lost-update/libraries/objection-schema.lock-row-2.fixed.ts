// Idiom of github.com/automatisch/automatisch: models that say in a JSON schema what their columns hold.
import { Model } from 'objection';

export class UsageData extends Model {
  static override tableName = 'usage_data';

  static override jsonSchema = {
    type: 'object',
    required: ['userId', 'consumedTaskCount', 'template'],

    properties: {
      id: { type: 'string', format: 'uuid' },
      userId: { type: 'string', format: 'uuid' },
      consumedTaskCount: { type: 'integer' },
      bonusTaskCount: { type: ['integer', 'null'] },
      note: { type: 'string' },
      template: { type: 'object' },
      shops: { type: 'string' },
    },
  };

  id!: string;
  consumedTaskCount!: number;
  bonusTaskCount!: any;
  note!: any;
  template!: { region?: string; steps: string[] };
  shops!: string;
}

declare function regionOf(userId: string): Promise<string>;
declare function readStatement(path: string): Promise<any>;

// The schema has a number, so there is nothing to say of what is added.
export async function consume(id: string, path: string) {
  const usage = await UsageData.query().findById(id).throwIfNotFound();
  //                                    ^^^^^^^^ related "Read here."
  const statement = await readStatement(path);
  await UsageData.query().findById(id).patch({ consumedTaskCount: usage.consumedTaskCount + statement.tasks });
  //                                   ^^^^^ race-condition/lost-update high "'consumedTaskCount' of 'UsageData'"
}

// To the program NULL and one are one, to the database they are NULL.
export async function grant(id: string, tasks: number) {
  const usage = await UsageData.query().findById(id).throwIfNotFound();
  //                                    ^^^^^^^^ related "Read here."
  await UsageData.query().findById(id).patch({ bonusTaskCount: usage.bonusTaskCount + tasks });
  //                                   ^^^^^ race-condition/lost-update high "'bonusTaskCount' of 'UsageData'"
}

// Text is not added up by `increment`: the row is locked instead.
export async function annotate(id: string, statement: any) {
  const usage = await UsageData.query().findById(id).throwIfNotFound();
  //                                    ^^^^^^^^ related "Read here."
  await UsageData.query().findById(id).patch({ note: usage.note + statement.text });
  //                                   ^^^^^ race-condition/lost-update high "'note' of 'UsageData'"
}

// One key of a document is new, and all of it is stored.
export async function relocate(id: string, userId: string) {
  const usage = await UsageData.query().findById(id).throwIfNotFound();
  //                                    ^^^^^^^^ related "Read here."
  usage.template.region = await regionOf(userId);
  await UsageData.query().findById(id).patch({ template: usage.template });
  //                                   ^^^^^ race-condition/lost-update medium "'template' of 'UsageData'"
}

export async function rename(id: string, region: string) {
  await UsageData.transaction(async (trx) => {
    const usage = await UsageData.query(trx).findById(id).forUpdate().throwIfNotFound();
    //                                    ^^^^^^^^ related "Read here."
    usage.template.region = region;
    await UsageData.query(trx).findById(id).patch({ template: usage.template });
  });
  //                                   ^^^^^ race-condition/lost-update low "'template' of 'UsageData'"
}

export async function replace(id: string, template: { steps: string[] }, userId: string) {
  const usage = await UsageData.query().findById(id).throwIfNotFound();
  usage.template = template;
  usage.template.region = await regionOf(userId);
  await UsageData.query().findById(id).patch({ template: usage.template }); // ok race-condition/lost-update: the document is a new one
}

// Its name is a list's, but it holds one text.
export async function close(id: string, userId: string) {
  const usage = await UsageData.query().findById(id).throwIfNotFound();
  //                                    ^^^^^^^^ related "Read here."
  const region = await regionOf(userId);
  await UsageData.query().findById(id).patch({ note: region, shops: usage.shops });
  //                                   ^^^^^ race-condition/lost-update low "'shops' of 'UsageData'"
}
