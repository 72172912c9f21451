import { flagName, settingInfo, settingNames, variableName } from "./schema.js";

/** One setting, as help shows it. */
export interface SettingHelp {
  /** The name in the file. */
  readonly key: string;
  /** The flag for commander, for example "--grpc-port <value>". Absent for a secret, which has none. */
  readonly flag?: string;
  readonly variable: string;
  /** The default, for people. */
  readonly defaultText: string;
  readonly about: string;
  readonly isSwitch: boolean;
}

/** All settings but the limits, in the order in which help shows them. */
export function describeConfig(): readonly SettingHelp[] {
  return settingNames.map((name) => {
    const { about, defaultText, isSecret, isSwitch = false } = settingInfo(name);
    const flag = isSwitch ? `--${flagName(name)}` : `--${flagName(name)} <value>`;
    return { key: name, flag: isSecret ? undefined : flag, variable: variableName(name), defaultText, about, isSwitch };
  });
}
