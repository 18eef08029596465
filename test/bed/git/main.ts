// The Git server of the test bed: HTTPS with the bed's private authority, users and a token, around `git http-backend`.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { answerWithGit } from '../../../src/conformance/git-backend.ts';
import { accessTo, isPush } from './access.ts';
import type { GitServerConfig } from './config.ts';

const [, , configFile = ''] = process.argv;
const config = JSON.parse(readFileSync(configFile, 'utf8')) as GitServerConfig;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://git.invalid');
  const path = decodeURIComponent(url.pathname);
  const query = url.search.slice(1);
  if (path === '/healthz') {
    response.end('ok');
    return;
  }
  const access = accessTo({ path, isPush: isPush(path, query), authorization: request.headers.authorization }, config);
  switch (access.is) {
    case 'credentials-needed':
      response.writeHead(401, { 'www-authenticate': 'Basic realm="reindeer bed"' }).end('credentials are needed\n');
      break;
    case 'forbidden':
      response.writeHead(403).end('these credentials may read, not push\n');
      break;
    case 'granted':
      await answerWithGit(request, response, {
        path,
        query,
        environment: environmentFor(access.user),
        stderr: 'inherit',
        onError: error => {
          console.error(`git http-backend: ${error.message}`);
        },
      });
  }
}

function environmentFor(user: string): Readonly<Record<string, string>> {
  return {
    HOME: '/nonexistent',
    GIT_CONFIG_GLOBAL: config.gitConfig,
    GIT_PROJECT_ROOT: config.reposDir,
    REMOTE_USER: user,
    // Names the committer in the reflog of a push.
    GIT_COMMITTER_NAME: user,
    GIT_COMMITTER_EMAIL: `${user}@bed.invalid`,
  };
}

const server = createServer({ cert: readFileSync(config.cert), key: readFileSync(config.key) }, (request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error(`${request.method ?? ''} ${request.url ?? ''}:`, error);
    response.destroy();
  });
});
// A large push or fetch may take longer than Node's default of five minutes.
server.requestTimeout = 0;
server.listen(config.port, config.address);
