const { Model } = require('objection');

module.exports = class Book extends Model {
  static get tableName() {
    return 'books';
  }

  static async publish(id) {
    const book = await APP.models.books.query().findById(id);
    await APP.models.authors.notify(book.authorId);
    return book;
  }

  static title(book) {
    return book.title.trim();
  }
};
