module.exports = {
  async send(address) {
    const [template] = await APP.models.templates.query().where('name', 'notice');
    console.info(address, template);
  },
};
