// Idiom of github.com/danny-avila/LibreChat: models with filters, lean documents.
import type { Model } from 'mongoose';

interface Conversation {
  conversationId: string;
  agent: string;
}
interface Message {
  conversationId: string;
  text: string;
}

export async function lastMessages(messages: Model<Message>, conversations: Conversation[]) {
  const last = [];
  for (const { conversationId } of conversations) {
//^^^ related "Repeated for each element of 'conversations'."
    last.push(await messages.findOne({ conversationId }).sort({ createdAt: -1 }).lean());
    //                       ^^^^^^^ n-plus-one/query-in-loop medium "once per element"
  }
  return last;
}

export async function deleteConvos(conversations: Model<Conversation>, messages: Model<Message>, filter: object) {
  const found = await conversations.find(filter);
  for (const conversation of found) {
//^^^ related "Repeated for each element of 'found'."
    await messages.deleteMany({ conversationId: conversation.conversationId });
    //             ^^^^^^^^^^ n-plus-one/query-in-loop medium "once per element"
  }
}

export async function withAgents(conversations: Model<Conversation>, agents: Model<{ name: string }>) {
  const found = await conversations.find({});
  return Promise.all(found.map((conversation) => agents.findById(conversation.agent).exec()));
  //                                                    ^^^^^^^^ n-plus-one/query-in-loop high "once per element"
  //                       ^^^ related "Repeated for each element of 'found'."
}

export async function messagesOf(messages: Model<Message>, conversations: Conversation[]) {
  const ids = conversations.map(({ conversationId }) => conversationId);
  return messages.find({ conversationId: { $in: ids } }).lean(); // ok n-plus-one/query-in-loop: one query for all
}

export async function saveMessages(messages: Model<Message>, given: Message[]) {
  // ok n-plus-one/query-in-loop: one command for all
  await messages.bulkWrite(given.map((message) => ({ updateOne: { filter: { text: message.text }, update: message, upsert: true } })));
}

export async function conversationsWithAgents(conversations: Model<Conversation>) {
  return conversations.find({}).populate('agent').limit(50); // ok n-plus-one/query-in-loop: two queries, however many conversations
}
