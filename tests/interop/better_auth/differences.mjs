// Owns: every difference between the npm `better-auth` and Doorward that is meant, each with its reason. One that no longer
// occurs fails the test, so that this list stays the truth.
//
// A rule names where (`step`, `field`) and what each side has (`upstream`, `doorward`; `undefined` is nothing at all). What
// it does not name may be anything.

const MEMBERS = /^body\.(type|title|status|detail|requestId)$/;

export const DIFFERENCES = [
  // How an error is told.
  { field: MEMBERS, upstream: undefined, why: 'RFC 9457 besides the members that the clients read: other programs know it' },
  {
    field: 'header.content-type', upstream: 'application/json', doorward: 'application/problem+json',
    why: 'RFC 9457 §3; the clients parse every JSON type',
  },
  {
    field: 'body.message', upstream: /^(?!\[|No fields|Email is the same|Invalid \w+: expected|Too many requests)/, doorward: /./,
    why: 'for people, in our own words; programs read `code`, which is the same. Where there is no code, the words are the same too',
  },
  {
    field: 'body.message', upstream: /^\[(body|query)\b/, doorward: /^\[(body|query)\b/,
    why: 'the same field is named; what is wrong with it is said in our own words',
  },
  {
    field: /^(body|error)\.code$/, upstream: undefined,
    doorward: ['NO_FIELDS_TO_UPDATE', 'EMAIL_IS_THE_SAME', 'VALIDATION_ERROR', 'TOO_MANY_REQUESTS'],
    why: 'these have no code upstream; whoever looks for one finds it',
  },

  // How an answer is labelled.
  {
    field: 'header.content-type', upstream: 'application/json', doorward: 'application/json; charset=utf-8',
    why: 'the same type',
  },
  {
    field: 'header.content-type', upstream: 'application/json', doorward: undefined,
    why: 'an answer without a body has no type',
  },
  { field: 'header.cache-control', upstream: undefined, doorward: 'no-store', why: 'nothing of an account belongs in a cache' },
  {
    step: /^token and keys > keys/, field: 'header.cache-control', upstream: undefined, doorward: /^public, max-age=/,
    why: 'D5: keys are for every cache',
  },
  { field: 'header.content-type', upstream: 'text/html', doorward: 'text/html; charset=utf-8', why: 'the same type' },
  {
    step: /^too many/, field: 'header.retry-after', upstream: undefined, doorward: '<seconds>',
    why: 'RFC 9110 §10.2.3, besides the name that the clients read',
  },
  {
    field: 'header.pragma', upstream: 'no-cache', doorward: undefined,
    why: 'RFC 9111 §5.4: for HTTP/1.0; `cache-control` says it',
  },

  // Pages of other origins. The npm package leaves this to the framework that it is mounted in (D8).
  {
    field: 'header.vary', upstream: undefined, doorward: 'Origin',
    why: 'a cache must not give one page what another was allowed',
  },
  {
    field: 'header.access-control-allow-origin', upstream: undefined, doorward: '<app>',
    why: 'a stand-alone server answers CORS itself',
  },
  { field: 'header.access-control-allow-credentials', upstream: undefined, doorward: 'true', why: 'the clients send cookies' },
  {
    field: 'header.access-control-expose-headers', upstream: [undefined, 'set-auth-jwt', 'set-auth-token'], doorward: /\bset-auth-jwt\b/,
    why: 'always the same list',
  },

  // Cookies. The session is that of the hosted pages, under its own name; theirs remains as a sign for middlewares.
  {
    field: /^cookie\.doorward_(session|visitor|brief)\./, upstream: undefined,
    doorward: ['<secret>', '', '/', true, 'Lax', /^\d+$/],
    why: 'one session with the hosted pages, by the cookie that they have',
  },
  {
    field: 'cookie.better-auth.session_token.max-age', upstream: '604800', doorward: '2592000',
    why: 'as long as `sessions.absolute_seconds`',
  },
  {
    field: /^cookie\.better-auth\.(dont_remember|session_data)\./, doorward: undefined,
    why: 'the session itself knows how long it lives; nothing is cached in cookies',
  },
  {
    step: 'other origins > preflight of the app', field: /^(status|header\.access-control-(allow-methods|allow-headers|max-age))$/,
    doorward: [204, 'GET, POST, OPTIONS', 'content-type, authorization', /^\d+$/],
    why: 'a browser asks before it sends JSON to another origin',
  },
  {
    step: 'bearer in place of a cookie > change by a program', field: 'header.access-control-expose-headers', doorward: undefined,
    why: 'for pages of other origins, and this is none',
  },
  {
    step: 'get-session > a cookie that is not good', field: /^cookie\.better-auth\.session_token\./, upstream: undefined,
    doorward: ['', '0', '/', true, 'Lax'], why: 'what is good for nothing is forgotten, whatever is wrong with it',
  },
  {
    step: /^bearer .* > (nothing|signed out)$/, field: /^cookie\.better-auth\.session_token\./, doorward: undefined,
    why: 'no cookie came, so there is none to forget',
  },
  {
    step: /^update-user > |^bearer .* > change by/, field: /^(cookie\.better-auth\.session_token\.|header\.set-auth-token$)/,
    doorward: undefined,
    why: 'what it says has not changed, so it is not sent again',
  },

  // Tokens for back ends (D5, D6).
  { field: /\.header\.alg$/, upstream: 'EdDSA', doorward: 'ES256', why: 'what every JWT library verifies' },
  { field: /\.header\.typ$/, upstream: undefined, doorward: 'at+jwt', why: 'RFC 9068 §2.1: an ID token is never taken for one' },
  {
    field: /\.claims\.(client_id|jti|sid|auth_time|acr|amr\.0|scope|email_verified)$/, upstream: undefined,
    why: 'RFC 9068 §2.2: the token is like those of OpenID Connect, by the same issuer and keys',
  },
  {
    field: /\.claims\.(id|image|createdAt|updatedAt|emailVerified)$/, doorward: undefined,
    why: 'a token says who somebody is, and is no copy of their row; `id` is `sub`',
  },
  {
    step: /^token and keys > keys/, field: /^(body|data)\.keys\.\d\./,
    why: 'several keys, each with `use`: those of the OpenID Provider',
  },

  // Passwords and letters.
  {
    step: /^reset-password > who was signed in before/, field: /^(body|data|header\.set-auth-jwt)\b/, doorward: [null, undefined],
    why: 'D4: whoever was signed in with the old password is no longer',
  },
  {
    step: /^(reset-password > who was signed in before|change-password > elsewhere$)/,
    field: /^cookie\.better-auth\.session_token\./, upstream: undefined, doorward: ['', '0', '/', true, 'Lax'],
    why: 'and their browser forgets it',
  },
  {
    step: /^reset-password > new password/, field: /\.user\.(name|emailVerified)$/, doorward: ['', true],
    why: 'D7: the letter proved the address; nobody had before, so what strangers may have said of its owner goes',
  },
  {
    step: /^change-password > elsewhere( \(client\))?$/, field: /^(body|data|header\.set-auth-jwt)\b/,
    doorward: [null, undefined],
    why: 'whoever was signed in elsewhere with the old password is no longer, asked for or not',
  },
  {
    step: 'change-password > elsewhere no more', field: /^cookie\.better-auth\.session_token\./, doorward: undefined,
    why: 'forgotten already, the time before',
  },
  {
    step: 'change-password > as it should be', field: /^cookie\.better-auth\.session_token\./, upstream: undefined,
    doorward: ['<secret>', /^\d+$/, '/', true, 'Lax'], why: 'this browser gets a new session too',
  },
  {
    step: 'request-password-reset > link with no page',
    doorward: [302, '', undefined, '<server>/reset-password?error=INVALID_TOKEN'],
    why: 'a page of ours takes the new password where the front end has none',
  },
  {
    step: 'reset-password > second letter to ada', field: 'link', doorward: '<server>/reset-password?token=<token>',
    why: 'a page of ours takes the new password where the front end has none',
  },
  {
    step: 'request-password-reset > old path of clients before 1.4',
    doorward: [200, true, undefined, /^If this email exists/, /^application\/json/],
    why: 'clients up to 1.3 ask there, so it is answered',
  },
  {
    step: 'verify-email by the link > link', field: 'header.location', upstream: '<app>/done',
    doorward: '<server>/verify-email?token=<token>&onward=<sealed>',
    why: 'D3: what opens links in mail ahead of people uses nothing up; a page with a button comes first, and goes on to callbackURL',
  },
  {
    step: /^change-email > /, field: /\.user\.emailVerified$/, upstream: false, doorward: true,
    why: 'the new address was proven by its letter',
  },

  // What is refused here, and why.
  {
    step: /^update-user > a number/, doorward: [400, undefined, 'VALIDATION_ERROR', /^\[body\.name\] /],
    why: 'a name is a text',
  },
  {
    step: 'where to go on to > sign-in with http://user@<app>',
    doorward: [403, undefined, 'INVALID_CALLBACK_URL', /\bcallbackURL\b/],
    why: 'an address with a name before the host is made to be misread',
  },
  {
    step: /^where to go on to > \w+ in the query$/, doorward: [403, undefined, /^INVALID_/, /URL|redirectTo/],
    why: 'checked in the query as in the body: a page that passes it on finds it checked',
  },
  {
    step: 'bodies > no type', doorward: [415, 'UNSUPPORTED_MEDIA_TYPE', /^Content-Type /],
    why: 'what does not say that it is JSON is not read: forms of strangers can send it',
  },
  {
    step: 'sign-in with a provider that is not there > answer that nobody asked for',
    doorward: [404, undefined, 'PROVIDER_NOT_FOUND', 'Provider not found'],
    why: 'nothing can have been asked of a provider that is not there: an error for whoever set the address, as for every call that names one',
  },
  { step: 'where to go on to > sign-in with ', field: 'body.url', upstream: '', doorward: undefined, why: 'no page is no page' },

  // Where the address is proven first there is no account before: nobody can sign in to it, or be told about it.
  {
    step: /^sign-up before it is proven > sign in too early/, field: /\b(status|code)$/,
    doorward: [401, 'INVALID_EMAIL_OR_PASSWORD'],
    why: 'there is no account yet, and who asks learns nothing of it',
  },
  {
    step: 'sign-up before it is proven > letter to ada', field: 'link', doorward: '<server>/register/confirm?token=<token>',
    why: 'the link goes on with the sign-up, in the browser that began it',
  },
  {
    step: 'sign-up before it is proven > prove it', field: /^cookie\.better-auth\.session_token\./, upstream: undefined,
    why: 'the browser that typed the password and read the letter is signed in',
  },
];
