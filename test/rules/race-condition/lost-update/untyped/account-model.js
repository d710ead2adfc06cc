import { model, Schema } from 'mongoose';

export const Account = model('Account', new Schema({ owner: String, balance: Number, name: String }));
