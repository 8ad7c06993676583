import type { GATEWAY_FIXES, GATEWAY_TEXTS } from '../../../core/topology/check/gateway-texts.ts';

/** Ukrainian sentences of the checks of a gateway's policies; a part of `problems`. */
export const gatewayProblems: Readonly<Record<keyof typeof GATEWAY_TEXTS, string>> = {
  'EXPRESSION_NAME_UNKNOWN.transform': 'Назва «{name}» тут невідома; відомі: {known}',
  HEADER_MANAGED: 'Заголовком «{name}» опікується шлюз або саме з’єднання',
  STATUS_INVALID: '{status} — не статус відповіді',
  'TRANSFORM_NOT_FORWARDED.path': 'Частини агрегації мають власні шляхи',
  'TRANSFORM_NOT_FORWARDED.body': 'Частини агрегації мають власні тіла запитів',
  CORS_CREDENTIALS_WILDCARD: 'Разом з обліковими даними «*» не дозволяє нікого: браузери відкидають таке поєднання',
  CORS_ORIGIN_INVALID: '«{origin}» — не джерело (origin)',
  LIMIT_HEADER_MISSING: 'Обмеження за заголовком має назвати заголовок',
  LIMIT_HEADER_UNUSED: 'Обмеження за ключем {key} не читає заголовка',
  LIMIT_CONSUMER_UNKNOWN: 'Тут нікого не впізнають, тож обмеження рахує за адресою',
  LIMIT_FILL_OVERFLOWS: 'За раз надходить більше токенів, ніж уміщує відро',
  PART_TIMEOUT: 'Частина «{part}» може тривати {own} мс, але маршрут завершується через {all} мс',
  PART_FALLBACK: 'Частина «{part}» обов’язкова, тож її ніколи нічим не замінять',
  REQUEST_NOT_ROUTED: 'Жоден маршрут шлюзу «{gateway}» не приймає {method} {path}: відповіддю буде 404',
  SPLIT_DUPLICATE: 'Отримувач «{value}» повторюється',
  SPLIT_EMPTY: 'Жоден отримувач не має частки трафіку',
  'ROUTE_UNREACHABLE.version':
    'Жоден запит не дійде до маршруту «{route}»: шлюз знімає версію «{version}» зі шляху, перш ніж вибирати маршрут',
};

/** What can be done about them; a part of `fixes`. */
export const gatewayFixes: Readonly<Record<keyof typeof GATEWAY_FIXES, string>> = {
  'TRANSFORM_NOT_FORWARDED.path': 'Змініть натомість самі частини',
  'TRANSFORM_NOT_FORWARDED.body': 'Змініть натомість самі частини',
  CORS_CREDENTIALS_WILDCARD: 'Перелічіть їх поіменно або не дозволяйте облікових даних',
  CORS_ORIGIN_INVALID: 'Напишіть, наприклад, https://shop.test',
  LIMIT_HEADER_MISSING: 'Дайте назву заголовка',
  LIMIT_CONSUMER_UNKNOWN: 'Увімкніть автентифікацію на шлюзі або виберіть інший ключ',
  PART_FALLBACK: 'Зробіть її необов’язковою або приберіть заміну',
  REQUEST_NOT_ROUTED: 'Додайте для нього маршрут або змініть шлях',
  SPLIT_EMPTY: 'Дайте комусь із них вагу',
  'ROUTE_UNREACHABLE.version': 'Приберіть версію зі шляху',
};
