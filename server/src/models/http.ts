/** HTTP clients. `fetch` itself stands with the other globals in dom.ts. */

import { FETCH } from './dom.ts';
import { members, NEUTRAL } from './entries.ts';
import { type CallModel, defineModels, type RequestModel } from './model.ts';

const request = (rest: Omit<RequestModel, 'kind'> = {}): CallModel => ({
  effect: { kind: 'request', url: 'Argument[0]', ...rest },
});

function verbs(prefixes: readonly string[], names: string, rest: Omit<RequestModel, 'kind' | 'method'> = {}) {
  const calls: Record<string, CallModel> = {};
  for (const prefix of prefixes) {
    for (const name of names.split(' ')) {
      const method = name.replace(/Form$/, '').replace(/^del$/, 'delete').toUpperCase();
      const payload = /^P(OST|UT|ATCH)$/.test(method) ? { payload: 'Argument[1]' } : {};
      calls[`${prefix}${name}`] = request({ ...payload, ...rest, method });
    }
  }
  return calls;
}

const BODY = 'json text blob arrayBuffer formData';

/** No queue, no retry, whatever the server answers. */
export const axios = defineModels({
  package: 'axios',
  source: 'https://axios-http.com/docs/api_intro',
  default: 'axios',
  extends: { axios: 'AxiosInstance', AxiosStatic: 'AxiosInstance', AxiosInstance: 'Axios' },
  calls: {
    ...members([''], 'axios AxiosInstance() AxiosStatic()', {
      ...request({ options: 'Argument[1]' }),
      forms: [{ arguments: ['object'], model: request({ url: 'Argument[0].Member[url]', options: 'Argument[0]' }) }],
    }),
    ...verbs(['Axios#'], 'get delete head options post put patch postForm putForm patchForm query'),
    'Axios#request': request({ url: 'Argument[0].Member[url]', options: 'Argument[0]' }),
    'Axios#getUri': NEUTRAL,
    'AxiosInstance#create': { neutral: true, fresh: true, instance: 'AxiosInstance' },
    // `axios.all` is `Promise.all`.
    'AxiosStatic#all': { neutral: true, returns: 'Argument[0]' },
    ...members(['AxiosStatic#'], 'isAxiosError isCancel spread toFormData formToJSON getAdapter mergeConfig', NEUTRAL),
    ...members(['AxiosInterceptorManager#'], 'use eject clear', NEUTRAL),
  },
});

/** Retries twice by default, waiting longer each time and honouring Retry-After; limits nothing. */
export const got = defineModels({
  package: 'got',
  source: 'https://github.com/sindresorhus/got/blob/main/documentation/7-retry.md',
  default: 'got',
  extends: { got: 'Got' },
  calls: {
    ...members([''], 'got Got()', request({ retriesItself: true, options: 'Argument[1]' })),
    ...verbs(['Got#'], 'get post put patch head delete', { retriesItself: true }),
    ...members(['Got#'], 'extend', { neutral: true, fresh: true, instance: 'Got' }),
    ...members(['Got#'], 'stream paginate', request({ retriesItself: true })),
    ...members(['CancelableRequest#', 'RequestPromiseShape#'], 'json text buffer', { neutral: true, returns: 'This' }),
  },
});

/** Retries GET, PUT, HEAD, DELETE, OPTIONS, TRACE twice with growing waits, honouring Retry-After. */
export const ky = defineModels({
  package: 'ky',
  source: 'https://github.com/sindresorhus/ky#retry',
  default: 'ky',
  extends: { ky: 'KyInstance' },
  calls: {
    ...members([''], 'ky KyInstance()', request({ retriesItself: true, options: 'Argument[1]' })),
    ...verbs(['KyInstance#'], 'get put head delete', { retriesItself: true }),
    ...verbs(['KyInstance#'], 'post patch'),
    ...members(['KyInstance#'], 'create extend', { neutral: true, fresh: true, instance: 'KyInstance' }),
    ...members(['ResponsePromise#', '*#'], BODY, { neutral: true, returns: 'This' }),
  },
});

export const undici = defineModels({
  package: 'undici',
  source: 'https://undici.nodejs.org/#/docs/api/Dispatcher',
  calls: {
    ...members([''], 'request stream pipeline', request({ options: 'Argument[1]' })),
    fetch: FETCH,
    'Dispatcher#request': request({ url: 'Argument[0].Member[path]' }),
    'Dispatcher#stream': request({ url: 'Argument[0].Member[path]' }),
    ...members(['BodyMixin#', '*#'], BODY, NEUTRAL),
    ...members(['new '], 'Agent Pool Client ProxyAgent', { neutral: true, fresh: true }),
    ...members([''], 'setGlobalDispatcher getGlobalDispatcher', NEUTRAL),
  },
});

export const nodeFetch = defineModels({
  package: 'node-fetch',
  aliases: ['cross-fetch', 'isomorphic-fetch', 'isomorphic-unfetch'],
  source: 'https://github.com/node-fetch/node-fetch#api',
  default: 'fetch',
  calls: {
    fetch: FETCH,
    ...members(['Body#', 'BodyMixin#', 'Response#'], BODY, NEUTRAL),
  },
});

/** A request begins when it is awaited or `.end()` is called, which is always where it was built. */
export const superagent = defineModels({
  package: 'superagent',
  source: 'https://forwardemail.github.io/superagent/',
  default: 'superagent',
  extends: { superagent: 'SuperAgentStatic', request: 'SuperAgentStatic' },
  calls: {
    // `superagent('GET', url)`; the declared name is `request`.
    ...members([''], 'superagent request', request({ url: 'Argument[1]' })),
    ...verbs(['Agent#', 'SuperAgentStatic#'], 'get post put patch head delete del options'),
    ...members(['SuperAgentStatic#'], 'agent', { neutral: true, fresh: true, instance: 'Agent' }),
    ...members(
      ['SARequest#'],
      'send set query field attach type accept auth redirects timeout retry use ok withCredentials responseType buffer parse serialize',
      { neutral: true, returns: 'This' },
    ),
  },
});

const NODE_REQUEST: CallModel = {
  effect: { kind: 'request', url: 'Argument[0]' },
  callbacks: [{ argument: 'Argument[-1]', runs: 'later', returns: 'nothing' }],
};

export const nodeHttp = defineModels({
  package: 'node:http',
  aliases: ['node:https'],
  source: 'https://nodejs.org/api/http.html',
  calls: {
    ...members([''], 'request get', NODE_REQUEST),
    createServer: { neutral: true, callbacks: [{ argument: 'Argument[-1]', runs: 'later', returns: 'nothing' }] },
    'ServerResponse#writeHead': NEUTRAL,
    ...members(['OutgoingMessage#'], 'setHeader getHeader flushHeaders removeHeader', NEUTRAL),
  },
});

/** Deprecated, still in many code bases. */
export const requestPackage = defineModels({
  package: 'request',
  aliases: ['request-promise', 'request-promise-native'],
  source: 'https://github.com/request/request#readme',
  default: 'request',
  extends: { request: 'RequestAPI' },
  calls: {
    request: {
      ...request({ options: 'Argument[1]' }),
      forms: [
        { arguments: ['object', '...'], model: request({ url: 'Argument[0].Member[uri]', options: 'Argument[0]' }) },
      ],
    },
    ...verbs(['RequestAPI#'], 'get post put patch head delete del options'),
    'RequestAPI()': request(),
  },
});

/** `HttpService` returns an Observable: the request is made on subscription, which `firstValueFrom` does. */
export const nestAxios = defineModels({
  package: '@nestjs/axios',
  source: 'https://docs.nestjs.com/techniques/http-module',
  calls: {
    ...verbs(['HttpService#'], 'get delete head post put patch postForm putForm patchForm'),
    'HttpService#request': request({ url: 'Argument[0].Member[url]', options: 'Argument[0]' }),
  },
});

/** Angular's client: an Observable, likewise. */
export const angularHttp = defineModels({
  package: '@angular/common',
  aliases: ['@angular/common/http'],
  source: 'https://angular.dev/api/common/http/HttpClient',
  calls: {
    ...verbs(['HttpClient#'], 'get delete head options post put patch jsonp'),
    'HttpClient#request': request({ url: 'Argument[1]' }),
  },
});
