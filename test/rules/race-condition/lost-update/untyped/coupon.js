// Idiom of github.com/sequelize/express-example users: classes that extend the package's; no package is installed.
import { DataTypes, Model } from 'sequelize';

export class Coupon extends Model {
  static async take(code) {
    const coupon = await this.findOne({ where: { code } });
    await coupon.decrement('uses');
  }
}

Coupon.init({ uses: DataTypes.INTEGER, code: DataTypes.STRING });

export async function takeOne(code) {
  const coupon = await Coupon.findOne({ where: { code } });
  //                          ^^^^^^^ related "Read here."
  await coupon.update({ uses: coupon.uses - 1 });
  //           ^^^^^^ race-condition/lost-update "'uses' of 'Coupon' is read by 'findOne' and written back"
}

export async function takeInDatabase(code) {
  const coupon = await Coupon.findOne({ where: { code } });
  // ok race-condition/lost-update: the database subtracts
  await coupon.decrement('uses');
}

export async function retire(code) {
  const coupon = await Coupon.findOne({ where: { code } });
  // ok race-condition/lost-update: what is written was not read
  await coupon.update({ uses: 0 });
}
