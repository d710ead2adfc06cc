const path = require('node:path');
const autoload = require('auto-load');

global.APP = { name: 'library' };
APP.models = autoload(path.join(__dirname, 'models'));
APP.mail = require('./services/mail');
