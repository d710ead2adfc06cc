// Idiom of github.com/linkwarden/linkwarden: found or made, and the owner told.
import { prisma } from './client.ts';

export async function setCollection(userId: string, name?: string) {
  if (name) {
    // There is one for what belongs nowhere.
    if (name === 'Unorganized') {
      const known = await prisma.collection.findFirst({ where: { name: 'Unorganized', ownerId: userId } });
      //                                    ^^^^^^^^^ related "Checked here."
      if (known) return known;
    }

    const made = await prisma.collection.create({ data: { name: name.trim(), ownerId: userId } });
    //                                   ^^^^^^ toctou/db-check-then-act medium "no row of 'collection' with this"

    await prisma.user.update({ where: { id: userId }, data: { name } });

    return made;
  }
  return null;
}
