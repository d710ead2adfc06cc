const { Model } = require('objection');

module.exports = class Author extends Model {
  static get tableName() {
    return 'authors';
  }

  static async notify(id) {
    const author = await this.query().findById(id);
    await APP.mail.send(author.email);
  }

  static async nameOf(id) {
    const author = await this.query().findById(id);
    return author.name;
  }
};
