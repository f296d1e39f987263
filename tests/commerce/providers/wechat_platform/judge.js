// Signs, opens and seals as WeChat Pay does, by `wechatpay-axios-plugin`: a line of JSON in, a line of JSON out.
const readline = require('readline');
const { Rsa, Aes, Formatter } = require('wechatpay-axios-plugin');

const acts = {
  // Whether a request's signature is that of the merchant whose certificate this is.
  knows: ({ certificate, method, uri, timestamp, nonce, body, signature }) =>
    Rsa.verify(Formatter.request(method, uri, timestamp, nonce, body), signature, certificate),
  signs: ({ key, timestamp, nonce, body }) => Rsa.sign(Formatter.response(timestamp, nonce, body), key),
  knowsLines: ({ certificate, lines, signature }) =>
    Rsa.verify(Formatter.joinedByLineFeed(...lines), signature, certificate),
  seals: ({ plaintext, key, nonce, aad }) => Aes.AesGcm.encrypt(plaintext, key, nonce, aad),
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { act, ...words } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(acts[act](words))}\n`);
});
