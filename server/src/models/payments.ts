/**
 * Payment providers beside Stripe (sdks.ts): what moves money, and where a call takes the key that makes a repetition
 * of it harmless. A provider whose API has no such key is costly all the same, but nothing can be added to the call.
 */

import { members, NEUTRAL } from './entries.ts';
import { type CallModel, defineModels, type RequestModel } from './model.ts';

const request = (service: string, rest: Omit<RequestModel, 'kind' | 'service'> = {}): CallModel => ({
  effect: { kind: 'request', service, payload: 'Arguments[0..]', ...rest },
});

/** Every call takes request options last; idempotency keys hold for at least seven days. */
const adyenCharge = request('adyen', { costly: true, idempotencyKey: 'Argument[1].Member[idempotencyKey]' });
const adyenChange = request('adyen', { costly: true, idempotencyKey: 'Argument[2].Member[idempotencyKey]' });

export const adyen = defineModels({
  package: '@adyen/api-library',
  source: 'https://docs.adyen.com/development-resources/api-idempotency',
  calls: {
    ...members(['new '], 'Client CheckoutAPI PayoutAPI TransfersAPI', { neutral: true, fresh: true }),
    ...members(['PaymentsApi#'], 'payments', adyenCharge),
    ...members(
      ['ModificationsApi#'],
      'captureAuthorisedPayment refundCapturedPayment refundOrCancelPayment',
      adyenChange,
    ),
    'TransfersApi#transferFunds': adyenCharge,
    'InitializationApi#submitThirdParty': adyenCharge,
    '*#*': request('adyen'),
  },
});

/** The key is a required field of the body in current versions; `undefined` still leaves it out. */
const squareBody = request('square', {
  costly: true,
  payload: 'Argument[0]',
  idempotencyKey: 'Argument[0].Member[idempotencyKey]',
});

export const square = defineModels({
  package: 'square',
  // What `square/legacy` passes on.
  aliases: ['square-legacy'],
  source: 'https://developer.squareup.com/docs/build-basics/common-api-patterns/idempotency',
  calls: {
    ...members(['new '], 'SquareClient Client', { neutral: true, fresh: true }),
    ...members(['PaymentsClient#', 'OrdersClient#'], 'create', squareBody),
    'RefundsClient#refundPayment': squareBody,
    'OrdersClient#pay': squareBody,
    // Before version 40.
    'PaymentsApi#createPayment': squareBody,
    'RefundsApi#refundPayment': squareBody,
    ...members(['OrdersApi#'], 'createOrder payOrder', squareBody),
    '*#*': request('square'),
  },
});

/** The key is the `PayPal-Request-Id` header. */
const paypalCall = request('paypal', {
  costly: true,
  payload: 'Argument[0]',
  idempotencyKey: 'Argument[0].Member[paypalRequestId]',
});

export const paypal = defineModels({
  package: '@paypal/paypal-server-sdk',
  source: 'https://developer.paypal.com/api/rest/reference/idempotency/',
  calls: {
    ...members(['new '], 'Client OrdersController PaymentsController', { neutral: true, fresh: true }),
    ...members(['OrdersController#'], 'createOrder captureOrder authorizeOrder', paypalCall),
    ...members(
      ['PaymentsController#'],
      'captureAuthorizedPayment refundCapturedPayment reauthorizePayment',
      paypalCall,
    ),
    '*#*': request('paypal'),
  },
});

export const mollie = defineModels({
  package: '@mollie/api-client',
  source: 'https://docs.mollie.com/reference/api-idempotency',
  default: 'createMollieClient',
  calls: {
    createMollieClient: { neutral: true, fresh: true },
    ...members(
      [
        'PaymentsBinder#',
        'CustomerPaymentsBinder#',
        'OrdersBinder#',
        'PaymentRefundsBinder#',
        'OrderRefundsBinder#',
        'CustomerSubscriptionsBinder#',
        'PaymentCapturesBinder#',
      ],
      'create',
      request('mollie', {
        costly: true,
        payload: 'Argument[0]',
        idempotencyKey: 'Argument[0].Member[idempotencyKey]',
      }),
    ),
    '*#*': request('mollie'),
  },
});

/** `transaction.sale` takes no key: the gateway refuses duplicates within a window that the account sets. */
export const braintree = defineModels({
  package: 'braintree',
  source: 'https://developer.paypal.com/braintree/docs/guides/transactions#duplicate-transactions',
  calls: {
    ...members(['new '], 'BraintreeGateway', { neutral: true, fresh: true }),
    ...members(['TransactionGateway#'], 'sale refund submitForSettlement', request('braintree', { costly: true })),
    ...members(['WebhookNotificationGateway#'], 'parse verify', NEUTRAL),
    '*#*': request('braintree'),
  },
});

export const razorpay = defineModels({
  package: 'razorpay',
  source: 'https://razorpay.com/docs/api/orders/',
  default: 'Razorpay',
  calls: {
    'new Razorpay': { neutral: true, fresh: true },
    '*#*': request('razorpay'),
  },
});
