// Idiom of github.com/withchandan/aws-serverless-experiments and github.com/PhamTuanKhoi/milktea_microservice_typeorm: observables awaited together.
/** Requests that become promises only in what is around them, and calls in the middle of other expressions. */
import pLimit from 'p-limit';

const limit2 = pLimit(5);

interface Stream<T> {
  subscribe(next: (value: T) => void): void;
}
declare function firstValueFrom<T>(source: Stream<T>): Promise<T>;
declare const billingApi: { charge(id: string): Stream<number>; refund(id: string): Promise<number> };

export async function chargeAll(ids: string[]): Promise<number[]> {
  return Promise.all(ids.map((id) => limit2(() => firstValueFrom(billingApi.charge(id)))));
  //                                                           ^^^^^^ throttling/unthrottled-api-calls medium "all at once"
}

export async function refundAll(ids: string[]): Promise<number[]> {
  const refunds: Promise<number>[] = [];
  for (const id of ids) {
    refunds.push(fetch(`https://billing.example.com/${id}`).then((response) => response.status));
    //           ^^^^^ throttling/unthrottled-api-calls high "'fetch'"
  }
  return Promise.all(refunds);
}

export async function total(ids: string[]): Promise<number> {
  let sum = 0;
  for (const id of ids) {
    if (id !== '') sum += await billingApi.refund(id);
    //                                     ^^^^^^ throttling/unthrottled-api-calls medium "'ids'"
  }
  return sum;
}

export async function checked(ids: string[]): Promise<void> {
  const limit = pLimit(2);
  await Promise.all(ids.map((id) => limit(() => billingApi.refund(id)))); // ok throttling/unthrottled-api-calls: two at a time
}
