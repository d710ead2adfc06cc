// Idiom of github.com/requarks/wiki: models of Objection beside queries of the Knex below them, all behind one global object.

/* global APP */

module.exports = class Upload {
  static async store(filename, data, id) {
    let asset = await APP.models.assets.query().findOne({ id });
    if (asset) {
      await APP.models.knex('assetData').where({ id: asset.id }).update({ data });
    } else {
      asset = await APP.models.knex.transaction(async (trx) => {
        const asset = await APP.models.assets.query(trx).insert({ filename });
        //                                      ^^^^^^ related "Written before."
        await trx('assetData').insert({ assetId: asset.id, data });
        return asset;
      });
      //                                 ^^^^^^ race-condition/related-writes-without-transaction medium "that row stays behind"
    }
    return asset;
  }

  /** What is set between the two would stay set when they are undone. */
  static async replace(filename, data) {
    let last = null;
    const asset = await APP.models.assets.query().insert({ filename });
    last = asset.id;
    await APP.models.knex('assetData').insert({ assetId: asset.id, data });
    //                                 ^^^^^^ race-condition/related-writes-without-transaction medium "that row stays behind"
    return last;
  }

  static async rebuild(rows) {
    await APP.models.knex.table('assetTree').truncate();
    await APP.models.knex.table('assetTree').insert(rows);
    //                                       ^^^^^^ race-condition/related-writes-without-transaction medium "what was there is gone"
  }

  static async storeTogether(filename, data) {
    return APP.models.knex.transaction(async (trx) => {
      const asset = await APP.models.assets.query(trx).insert({ filename });
      await trx('assetData').insert({ assetId: asset.id, data }); // ok race-condition/related-writes-without-transaction: in one transaction
      return asset;
    });
  }
};
