// Idiom of github.com/RocketChat/Rocket.Chat: collections that are handed in, with no client to open a session with.
import type { Collection, ObjectId } from 'mongodb';

interface Vote {
  pollId: ObjectId;
  choice: string;
}

export async function recast(votes: Collection<Vote>, pollId: ObjectId, choices: string[]) {
  await votes.deleteMany({ pollId });
  await votes.insertMany(choices.map((choice) => ({ pollId, choice })));
  //          ^^^^^^^^^^ race-condition/related-writes-without-transaction
}
