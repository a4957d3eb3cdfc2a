// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import io.countersign.helper.notify.Signal;
import io.countersign.launch.config.ConfigBlock;
import io.countersign.launch.config.Nearest;
import java.util.Arrays;
import java.util.Optional;

/** Reads the name of a signal. */
final class SignalKey {
    private SignalKey() {}

    /** Nothing if it is missing or empty, or wrong, which is noted. */
    static Optional<Signal> read(ConfigBlock block, String key) {
        var name = block.string(key);
        var signal = name.flatMap(Signal::named);
        if (name.isPresent() && signal.isEmpty()) {
            var names = Arrays.stream(Signal.values()).map(Signal::name).toList();
            var hint = Nearest.to(name.get(), names)
                    .map(near -> ", did you mean " + near + "?")
                    .orElse(", expected a name such as SIGHUP or SIGUSR1");
            block.problem(key, "\"" + name.get() + "\" is no signal" + hint);
        }
        return signal;
    }
}
