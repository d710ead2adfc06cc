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

  /** Like `nameOf`, for many at once. */
  static async nameOfAll(ids) {
    const authors = await this.query().findByIds(ids);
    const authorsById = new Map(authors.map((authorRow) => [String(authorRow.id), authorRow]));
    return new Map(ids.map((id) => {
      const author = authorsById.get(String(id));
      return [id, author.name];
    }));
  }
};
