// Idiom of github.com/formbricks/formbricks: what is selected stands in a constant above.
import { PrismaClient } from '@prisma/client';

const prisma = new PrismaClient();
const selectSurvey = { id: true, name: true, triggers: { select: { name: true } } };

export async function triggersOf(name: string): Promise<string[]> {
  const surveys = await prisma.survey.findMany({ where: { name }, select: selectSurvey });
  return surveys.flatMap(({ triggers }) => triggers.map((trigger) => trigger.name)); // ok n-plus-one/lazy-relation-in-loop: selected
}

export async function included(name: string): Promise<string[]> {
  const surveys = await prisma.survey.findMany({ where: { name }, include: { triggers: true } });
  const names: string[] = [];
  for (const survey of surveys) {
    names.push(...survey.triggers.map((trigger) => trigger.name)); // ok n-plus-one/lazy-relation-in-loop: included
  }
  return names;
}

export async function selected(name: string): Promise<number> {
  const surveys = await prisma.survey.findMany({ where: { name }, select: { id: true, triggers: true } });
  let count = 0;
  for (const survey of surveys) count += survey.triggers.length; // ok n-plus-one/lazy-relation-in-loop: selected
  return count;
}
