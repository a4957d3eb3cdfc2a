// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import io.countersign.launch.config.ConfigBlock;
import java.util.List;

/** The names that keys had up to version 0.8 of the original, which later ones refuse: they count, and are warned of. */
record OldKeys(ConfigBlock root, List<String> warnings) {
    private record Renamed(String old, String key) {}

    private static final List<Renamed> RENAMED = List.of(
            new Renamed("agentAddress", "agent_address"),
            new Renamed("cmdArgs", "cmd_args"),
            new Renamed("certDir", "cert_dir"),
            new Renamed("renewSignal", "renew_signal"),
            new Renamed("svidFileName", "svid_file_name"),
            new Renamed("svidKeyFileName", "svid_key_file_name"),
            new Renamed("svidBundleFileName", "svid_bundle_file_name"));
    /** Read by version 0.8 and then forgotten: whoever wrote it got files without it, and gets them still. */
    private static final Renamed FORGOTTEN = new Renamed("addIntermediatesToBundle", "add_intermediates_to_bundle");

    void read() {
        for (var renamed : RENAMED) {
            boolean both = isWritten(renamed.old()) && isWritten(renamed.key());
            if (both && root.has(renamed.old())) {
                root.problem(
                        renamed.old(),
                        "use of %2$s and %1$s found, use only %2$s".formatted(renamed.old(), renamed.key()));
            } else if (root.alias(renamed.old(), renamed.key())) {
                warnings.add("%s will be deprecated, should be used as %s".formatted(renamed.old(), renamed.key()));
            }
        }
        if (isWritten(FORGOTTEN.old()) && root.bool(FORGOTTEN.old(), false)) {
            warnings.add("%s has no effect, as it had none in version 0.8; write %s if you want it"
                    .formatted(FORGOTTEN.old(), FORGOTTEN.key()));
        }
        refuse("exit_when_ready", "write daemon_mode = false");
        refuse("timeout", "remove it");
    }

    private void refuse(String key, String instead) {
        // whatever it says: the original knows it no more
        if (isWritten(key) && root.has(key)) {
            root.problem(key, "is no key of the original any more; " + instead);
        }
    }

    /** Without making the key known, so that nobody is told to write it. */
    private boolean isWritten(String key) {
        return root.keys().stream().anyMatch(key::equalsIgnoreCase);
    }
}
