interface Job {
  readonly name: string;
  readonly data: { readonly companyId: string };
}

export async function work(job: Job): Promise<string> {
  switch (job.name) {
    case 'sync-licences':
    case 'sync-access':
    case 'send-final-invoice':
      return job.data.companyId;
    default:
      throw new Error(job.name);
  }
}
