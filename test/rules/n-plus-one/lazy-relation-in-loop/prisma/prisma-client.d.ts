declare module '@prisma/client' {
  export namespace Prisma {
    interface SurveyDelegate {
      findMany(args?: { where?: object; select?: object; include?: object }): Promise<{ id: string; name: string; triggers: { name: string }[] }[]>;
    }
  }
  export class PrismaClient {
    survey: Prisma.SurveyDelegate;
  }
}
