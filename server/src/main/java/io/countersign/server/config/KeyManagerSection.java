// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.config;

import io.countersign.ca.key.Pkcs11Settings;
import io.countersign.ca.key.Pkcs11Settings.Pin;
import io.countersign.ca.key.Pkcs11Settings.Token;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.ConfigBlock.LabeledBlock;
import io.countersign.server.config.ServerConfig.Keys;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The block {@code KeyManager}, of which there is one. */
final class KeyManagerSection {
    private static final Pattern KEY_IDENTIFIER = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

    private KeyManagerSection() {}

    /** @param absent stands in for a file that is not given */
    static Keys read(Optional<ConfigBlock> plugins, List<LabeledBlock> managers, Path absent) {
        if (managers.isEmpty()) {
            plugins.ifPresent(block -> block.problem("KeyManager", "is missing, expected disk, memory or pkcs11"));
            return new Keys.Memory();
        }
        var manager = PluginSection.last(managers, "expected a single one");
        var data = PluginSection.data(manager);
        return switch (manager.label()) {
            case "memory" -> new Keys.Memory();
            case "disk" -> {
                var file = data.flatMap(block -> block.string("keys_path"));
                if (file.isEmpty()) {
                    manager.block().problem("plugin_data", "keys_path is missing, expected a file for the keys");
                }
                yield new Keys.Disk(file.map(Path::of).orElse(absent));
            }
            case "pkcs11" -> {
                if (data.isEmpty()) {
                    manager.block()
                            .problem("plugin_data", "is missing, expected module_path, token_label and others in it");
                }
                yield data.<Keys>map(block -> new Keys.Pkcs11(pkcs11(block))).orElse(new Keys.Memory());
            }
            default -> {
                PluginSection.refuse(manager, data, "key manager", "disk, memory or pkcs11");
                yield new Keys.Memory();
            }
        };
    }

    private static Pkcs11Settings pkcs11(ConfigBlock data) {
        data.refuse("pin", "a secret does not belong in this file; write pin_file or pin_env");
        var owner = data.string("key_identifier", "");
        if (!KEY_IDENTIFIER.matcher(owner).matches()) {
            data.problem(
                    "key_identifier",
                    "\"" + owner + "\" was found, expected a name for this server's keys that no other server with"
                            + " that token has: 1 to 64 letters, digits, dots, dashes or underscores");
        }
        return new Pkcs11Settings(
                Path.of(one(data, "module_path", "the pkcs#11 library of the token")), token(data), pin(data), owner);
    }

    private static Token token(ConfigBlock data) {
        return alternative(data, "token_label", "slot").equals("slot")
                ? new Token.InSlot(slot(data))
                : new Token.Labelled(data.string("token_label", ""));
    }

    private static int slot(ConfigBlock data) {
        int slot = data.integer("slot", 0);
        if (slot < 0) {
            data.problem("slot", slot + " was found, expected 0 or more");
        }
        return slot;
    }

    private static Pin pin(ConfigBlock data) {
        return alternative(data, "pin_file", "pin_env").equals("pin_env")
                ? new Pin.InEnvironment(data.string("pin_env", ""))
                : new Pin.InFile(Path.of(data.string("pin_file", "")));
    }

    /** Which of two keys is there; expected is exactly one. */
    private static String alternative(ConfigBlock data, String one, String other) {
        boolean first = !data.string(one, "").isEmpty();
        boolean second = !data.string(other, "").isEmpty();
        if (first && second) {
            data.problem(other, "is given beside " + one + ", expected only one of them");
        } else if (!first && !second) {
            data.problem(one, "is missing, expected it or " + other);
        }
        return second ? other : one;
    }

    private static String one(ConfigBlock data, String key, String what) {
        var text = data.string(key, "");
        if (text.isEmpty()) {
            data.problem(key, "is missing, expected " + what);
        }
        return text;
    }
}
