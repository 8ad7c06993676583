/** A routing script: nginx locations in file order, and requests as raw targets; shown is the id of the location that answers, or the status. */
export interface RoutingScript {
  name: string;
  locations: { id: string; match: 'exact' | 'prefix' | 'prefix-first' | 'regex'; path: string }[];
  targets: string[];
}

type Location = RoutingScript['locations'][number];
const at =
  (match: Location['match']) =>
  (path: string, id = path): Location => ({ id, match, path });
const exact = at('exact');
const prefix = at('prefix');
const first = at('prefix-first');
const regex = at('regex');

const API = [exact('/api/users', 'exact'), prefix('/api/', 'api'), prefix('/api/users/', 'users')];

/** Every rule of choosing a location, and every step of normalising a path, each from several sides (GW2). */
export const ROUTING_SCRIPTS: readonly RoutingScript[] = [
  {
    name: 'exact beats every prefix',
    locations: API,
    targets: ['/api/users', '/api/users/', '/api/users/1', '/api/other'],
  },
  {
    name: 'the longest prefix wins, wherever it stands',
    locations: [prefix('/a'), prefix('/a/b/c'), prefix('/a/b')],
    targets: ['/a', '/a/b', '/a/b/c', '/a/b/c/d', '/a/bc', '/ab'],
  },
  {
    name: 'a prefix is text, not segments',
    locations: [prefix('/api/users', 'users'), prefix('/', 'root')],
    targets: ['/api/users', '/api/usersX', '/api/users/1', '/api/user'],
  },
  {
    name: 'the first regular expression in file order wins',
    locations: [regex('^/a/[0-9]+$', 'number'), regex('^/a/.*$', 'any')],
    targets: ['/a/1', '/a/x', '/a/1x', '/a/'],
  },
  {
    name: 'file order of regular expressions, the other way round',
    locations: [regex('^/a/.*$', 'any'), regex('^/a/[0-9]+$', 'number')],
    targets: ['/a/1', '/a/x'],
  },
  {
    name: 'a regular expression beats a longer prefix',
    locations: [prefix('/files/images/', 'images'), regex('\\.png$', 'png')],
    targets: ['/files/images/a.png', '/files/images/a.jpg'],
  },
  {
    name: '^~ keeps regular expressions out',
    locations: [first('/static/', 'static'), prefix('/', 'root'), regex('\\.png$', 'png')],
    targets: ['/static/a.png', '/a.png', '/static'],
  },
  {
    name: '^~ counts only when it is the longest prefix',
    locations: [first('/a/', 'caret'), prefix('/a/b/', 'longer'), regex('c$', 'regex')],
    targets: ['/a/c', '/a/b/c', '/a/b/d'],
  },
  {
    name: 'exact beats ^~ and regular expressions',
    locations: [exact('/a/b', 'exact'), first('/a/', 'caret'), regex('b$', 'regex')],
    targets: ['/a/b', '/a/c', '/b', '/a/bb'],
  },
  {
    name: 'a regular expression need not be anchored',
    locations: [regex('users', 'anywhere'), prefix('/', 'root')],
    targets: ['/users', '/api/users/1', '/superusers', '/user'],
  },
  {
    name: 'a regular expression is case-sensitive',
    locations: [regex('^/Api/', 'upper'), prefix('/api/', 'lower')],
    targets: ['/Api/x', '/api/x', '/API/x'],
  },
  { name: 'a prefix is case-sensitive', locations: [prefix('/api/', 'api')], targets: ['/api/x', '/API/x', '/Api/x'] },
  { name: 'nothing matches: 404', locations: [exact('/only', 'only')], targets: ['/', '/only', '/only/', '/onl'] },
  {
    name: 'a root prefix catches everything',
    locations: [prefix('/', 'root')],
    targets: ['/', '/a', '/a/b/c', '/%20'],
  },
  {
    name: 'the query is no part of the path',
    locations: [exact('/a', 'exact'), prefix('/a', 'prefix')],
    targets: ['/a?x=1', '/a?', '/a/b?x=/a', '/?/a'],
  },
  {
    name: 'escapes are decoded before matching',
    locations: [exact('/users', 'users'), prefix('/', 'root')],
    targets: ['/%75sers', '/%55sers', '/user%73', '/users%20'],
  },
  {
    name: 'an escaped slash separates',
    locations: [prefix('/a/b/', 'ab'), prefix('/', 'root')],
    targets: ['/a%2Fb%2Fc', '/a%2fb/c', '/a/b%2F'],
  },
  {
    name: 'escaped dots are dots',
    locations: [exact('/b', 'b'), prefix('/', 'root')],
    targets: ['/a/%2e%2e/b', '/a/%2E./b', '/%2e/b'],
  },
  {
    name: 'slashes in a row are one',
    locations: [exact('/a/b', 'ab'), prefix('/', 'root')],
    targets: ['/a//b', '//a/b', '/a///b', '/a/b//'],
  },
  {
    name: 'a single dot goes',
    locations: [exact('/a/b', 'ab'), exact('/a/', 'a'), prefix('/', 'root')],
    targets: ['/a/./b', '/./a/b', '/a/b/.', '/a/.'],
  },
  {
    name: 'two dots take the segment before',
    locations: [exact('/b', 'b'), exact('/', 'root')],
    targets: ['/a/../b', '/a/b/../../b', '/a/..', '/a/../'],
  },
  {
    name: 'two dots above the root are refused',
    locations: [prefix('/', 'root')],
    targets: ['/../a', '/a/../../b', '/%2e%2e/a'],
  },
  {
    name: 'dots inside a name stay',
    locations: [exact('/a..b', 'dots'), exact('/...', 'three'), prefix('/', 'root')],
    targets: ['/a..b', '/...', '/.a', '/a/...'],
  },
  {
    name: 'merged and normalised before a regular expression sees it',
    locations: [regex('^/a/b$', 'ab'), prefix('/', 'root')],
    targets: ['/a//b', '/a/./b', '/a/x/../b', '/%61/b'],
  },
  {
    name: 'a plus is a plus',
    locations: [exact('/a+b', 'plus'), exact('/a b', 'space'), prefix('/', 'root')],
    targets: ['/a+b', '/a%20b', '/a%2Bb'],
  },
  {
    name: 'UTF-8 is matched as its bytes',
    locations: [exact('/їжак', 'hedgehog'), prefix('/', 'root')],
    targets: ['/%D1%97%D0%B6%D0%B0%D0%BA', '/%D1%97'],
  },
  {
    name: 'a trailing slash is another exact path',
    locations: [exact('/a', 'a'), exact('/a/', 'slash')],
    targets: ['/a', '/a/', '/a//'],
  },
  {
    name: 'a prefix with a slash does not match without it',
    locations: [prefix('/a/', 'slash'), prefix('/', 'root')],
    targets: ['/a/', '/a', '/a/b', '/ab'],
  },
  {
    name: 'the same length cannot tie: exact, ^~ and regular expression at one path',
    locations: [exact('/a', 'exact'), first('/a', 'caret'), regex('^/a$', 'regex')],
    targets: ['/a', '/ab', '/a/'],
  },
  {
    name: 'a longer plain prefix under ^~ lets regular expressions in again',
    locations: [first('/img/', 'caret'), prefix('/img/raw/', 'raw'), regex('\\.gif$', 'gif')],
    targets: ['/img/a.gif', '/img/raw/a.gif', '/img/raw/a'],
  },
  {
    name: 'alternatives and classes in a regular expression',
    locations: [regex('^/(users|orders)/[a-z0-9-]+/?$', 'entity'), prefix('/', 'root')],
    targets: ['/users/a-1', '/orders/9/', '/products/1', '/users/A', '/users/'],
  },
  {
    name: 'a percent sign that escapes nothing is refused',
    locations: [prefix('/', 'root')],
    targets: ['/%', '/%zz', '/a%2'],
  },
  {
    name: 'an escaped question mark belongs to the path',
    locations: [exact('/a?b', 'mark'), prefix('/', 'root')],
    targets: ['/a%3Fb', '/a?b'],
  },
  {
    name: 'versions side by side',
    locations: [prefix('/v1/', 'v1'), prefix('/v2/', 'v2'), prefix('/v2/beta/', 'beta')],
    targets: ['/v1/users', '/v2/users', '/v2/beta/users', '/v20/users', '/v2'],
  },
];
