// Idiom of github.com/mysqljs/mysql users: a pool, and what comes next in the callback.
const mysql = require('mysql2');

const pool = mysql.createPool({ database: 'shop' });

exports.take = (id, done) => {
  pool.query('SELECT stock FROM products WHERE id = ?', [id], (error, rows) => {
  //   ^^^^^ related "Read here."
    if (error) return done(error);
    pool.query('UPDATE products SET stock = ? WHERE id = ?', [rows[0].stock - 1, id], done);
    //   ^^^^^ race-condition/lost-update "'stock' of 'products'"
  });
};

exports.takeInDatabase = (id, done) => {
  pool.query('SELECT stock FROM products WHERE id = ?', [id], (error, rows) => {
    if (error) return done(error);
    if (rows.length === 0) return done(new Error('There is no such product'));
    // ok race-condition/lost-update: the database subtracts
    pool.query('UPDATE products SET stock = stock - 1 WHERE id = ? AND stock > 0', [id], (failed, result) => {
      if (failed) return done(failed);
      done(result.affectedRows === 0 ? new Error('Sold out') : null);
    });
  });
};

exports.takeExpected = (id, done) => {
  pool.query('SELECT stock FROM products WHERE id = ?', [id], (error, rows) => {
    if (error) return done(error);
    const { stock } = rows[0];
    // ok race-condition/lost-update: only from the value that was read, and the count is looked at
    pool.query('UPDATE products SET stock = ? WHERE id = ? AND stock = ?', [stock - 1, id, stock], (failed, result) => {
      if (failed) return done(failed);
      if (result.affectedRows === 0) return exports.takeExpected(id, done);
      done();
    });
  });
};

exports.takeLocked = (connection, id, done) => {
  connection.beginTransaction((failed) => {
    if (failed) return done(failed);
    connection.query('SELECT stock FROM products WHERE id = ? FOR UPDATE', [id], (error, rows) => {
      if (error) return connection.rollback(() => done(error));
      // ok race-condition/lost-update: the row is locked by its read
      connection.query('UPDATE products SET stock = ? WHERE id = ?', [rows[0].stock - 1, id], (missed) => {
        if (missed) return connection.rollback(() => done(missed));
        connection.commit(done);
      });
    });
  });
};
