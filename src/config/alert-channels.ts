import { type AlertChannel, channelNames } from "../model/alert.ts";
import type { ConfigProblem } from "../model/config.ts";
import type { AlertsYaml } from "./alert-schema.ts";
import type { Variables } from "./server-env.ts";
import { httpUrlProblem } from "./server-rules.ts";

type ChannelYaml = NonNullable<AlertsYaml["channels"]>[number];
type Need = (key: keyof ChannelYaml, message: string) => string;

/** The channels with their secrets from the environment, and all that is wrong with them; a value is never repeated. */
export const readChannels = (
  yaml: AlertsYaml,
  env: Variables,
): { readonly channels: readonly AlertChannel[]; readonly problems: readonly ConfigProblem[] } => {
  const problems: ConfigProblem[] = [];
  const channels = (yaml.channels ?? []).map((channel, index) => {
    const need: Need = (key, message) => {
      problems.push({ path: `alerts.channels[${index}].${key}`, message });
      return "";
    };
    return channelOf(channel, env, need);
  });
  const names = channelNames(channels);
  names.forEach((name, index) => {
    if (names.indexOf(name) < index)
      problems.push({
        path: `alerts.channels[${index}].name`,
        message: `Another channel is called ${name}.`,
      });
  });
  for (const [index, { channels: wanted }] of (yaml.routes ?? []).entries())
    for (const name of wanted.filter((one) => !names.includes(one)))
      problems.push({
        path: `alerts.routes[${index}].channels`,
        message: `There is no channel ${name}; there are: ${names.join(", ") || "none"}.`,
      });
  return { channels, problems };
};

/** What must not be in logs: for an incoming webhook the address itself. */
export const secretsOfChannel = (channel: AlertChannel): readonly string[] => {
  switch (channel.type) {
    case "webhook":
      return channel.secret === null ? [] : [channel.secret];
    case "slack":
      return [channel.url];
    case "slack-app":
      return [channel.token];
    case "pagerduty":
      return [channel.routingKey];
    case "email":
      return channel.password === null ? [] : [channel.password];
    case "issue":
      return [];
  }
};

const channelOf = (yaml: ChannelYaml, env: Variables, need: Need): AlertChannel => {
  const named = yaml.name === undefined ? {} : { name: yaml.name };
  for (const key of strangersIn(yaml)) need(key, `This is not for ${yaml.type}.`);
  switch (yaml.type) {
    case "webhook":
      return {
        ...{ type: yaml.type, ...named, url: addressOf(yaml, env, need) },
        secret:
          yaml.secret_env === undefined ? (yaml.secret ?? null) : variable(yaml, "secret_env", env, need),
      };
    case "slack":
      return { type: yaml.type, ...named, url: addressOf(yaml, env, need) };
    case "slack-app":
      return {
        ...{ type: yaml.type, ...named, token: variable(yaml, "token_env", env, need) },
        channel: yaml.channel ?? need("channel", "Name the channel's id."),
        apiUrl: (yaml.url ?? "https://slack.com/api").replace(/\/+$/, ""),
      };
    case "pagerduty":
      return {
        ...{ type: yaml.type, ...named, routingKey: variable(yaml, "routing_key_env", env, need) },
        url: yaml.url ?? "https://events.pagerduty.com/v2/enqueue",
      };
    case "email":
      return mailOf(yaml, env, need);
    case "issue":
      return { type: yaml.type, ...named, repo: yaml.repo ?? null };
  }
};

const mailOf = (yaml: ChannelYaml, env: Variables, need: Need): AlertChannel => {
  const isTls = yaml.tls ?? false;
  if (isTls && yaml.insecure) need("insecure", "Give `tls` or `insecure`, not both.");
  if (yaml.user !== undefined && yaml.password_env === undefined)
    need("password_env", "A login needs the variable of its password.");
  return {
    type: "email",
    ...(yaml.name === undefined ? {} : { name: yaml.name }),
    host: yaml.host ?? need("host", "Name the SMTP server."),
    port: yaml.port ?? (isTls ? 465 : 587),
    isTls,
    isInsecure: yaml.insecure ?? false,
    user: yaml.user ?? null,
    password: yaml.password_env === undefined ? null : variable(yaml, "password_env", env, need),
    from: yaml.from ?? need("from", "Name the sender."),
    to: yaml.to ?? [need("to", "Name at least one receiver.")],
  };
};

const KEYS: Readonly<Record<ChannelYaml["type"], readonly (keyof ChannelYaml)[]>> = {
  webhook: ["url", "url_env", "secret", "secret_env"],
  slack: ["url_env"],
  "slack-app": ["url", "token_env", "channel"],
  pagerduty: ["url", "routing_key_env"],
  email: ["host", "port", "tls", "insecure", "user", "password_env", "from", "to"],
  issue: ["repo"],
};

const strangersIn = (yaml: ChannelYaml): readonly (keyof ChannelYaml)[] =>
  (Object.keys(yaml) as (keyof ChannelYaml)[]).filter(
    (key) => key !== "type" && key !== "name" && !KEYS[yaml.type].includes(key),
  );

const addressOf = (yaml: ChannelYaml, env: Variables, need: Need): string => {
  if (yaml.url !== undefined && yaml.url_env === undefined) return yaml.url;
  if (yaml.url_env === undefined) return need("url_env", "Name the variable that holds the address.");
  const url = variable(yaml, "url_env", env, need);
  const problem = url === "" ? undefined : httpUrlProblem(url);
  return problem === undefined
    ? url
    : need("url_env", `The variable ${yaml.url_env} does not hold an address: ${problem}`);
};

const variable = (
  yaml: ChannelYaml,
  key: "url_env" | "secret_env" | "token_env" | "routing_key_env" | "password_env",
  env: Variables,
  need: Need,
): string => {
  const name = yaml[key];
  if (name === undefined) return need(key, "Name the variable that holds it.");
  return env[name] || need(key, `The variable ${name} is empty or not set.`);
};
