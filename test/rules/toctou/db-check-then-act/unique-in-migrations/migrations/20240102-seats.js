module.exports = {
  up: async (queryInterface) => {
    await queryInterface.addIndex('seats', ['team_id', 'user_id'], { unique: true });
    await queryInterface.addIndex('seats', ['role']);
  },
};
