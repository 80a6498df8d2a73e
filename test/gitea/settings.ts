/** `app.ini` of a Gitea that keeps everything in one folder, talks to nobody but us, and hides nothing behind caches. */
export const giteaSettings = (place: {
  readonly folder: string;
  readonly port: number;
  readonly share: string;
  readonly internalToken: string;
}): string => `
RUN_MODE = prod
WORK_PATH = ${place.folder}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true

[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${place.port}
ROOT_URL = http://127.0.0.1:${place.port}/
STATIC_ROOT_PATH = ${place.share}
OFFLINE_MODE = true
DISABLE_SSH = true
LFS_START_SERVER = false

[database]
DB_TYPE = sqlite3
PATH = ${place.folder}/gitea.db
SQLITE_JOURNAL_MODE = WAL

[repository]
ROOT = ${place.folder}/repositories
DEFAULT_BRANCH = main

[security]
INSTALL_LOCK = true
INTERNAL_TOKEN = ${place.internalToken}
PASSWORD_HASH_ALGO = pbkdf2_v2

[webhook]
ALLOWED_HOST_LIST = loopback

[indexer]
ISSUE_INDEXER_TYPE = db

[actions]
ENABLED = false

[packages]
ENABLED = false

[log]
MODE = console
LEVEL = Warn
`;
