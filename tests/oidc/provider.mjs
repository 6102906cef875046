// An OpenID provider for one test: whoever types an e-mail in the login form is that person.
// node provider.mjs PORT REDIRECT_URI

import { Provider } from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);

const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: 'barometer',
      client_secret: 'a secret of this test alone',
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [redirectUri],
    },
  ],
  cookies: { keys: ['keys', 'of', 'this', 'test'] },
  claims: { email: ['email', 'email_verified'], profile: ['name', 'groups'] },
  conformIdTokenClaims: false, // claims in the ID token, as most providers send them
  async findAccount(_, id) {
    const [name, domain] = id.split('@');
    return {
      accountId: id,
      claims: async () => ({
        sub: id,
        name: name[0].toUpperCase() + name.slice(1),
        email: id,
        email_verified: domain !== 'unverified.example',
        groups: name === 'grace' ? ['barometer-analysts'] : [],
      }),
    };
  },
  async loadExistingGrant({ oidc }) {
    // Nobody is asked to consent.
    const grant = new oidc.provider.Grant({
      clientId: oidc.client.clientId,
      accountId: oidc.session.accountId,
    });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
