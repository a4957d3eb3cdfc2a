// SPDX-License-Identifier: Apache-2.0
package io.countersign.helper.config;

import io.countersign.helper.delivery.JwtBundleFile;
import io.countersign.helper.delivery.JwtTokenFile;
import io.countersign.helper.health.HealthSettings;
import io.countersign.helper.notify.Notification;
import io.countersign.launch.LogSettings;
import java.util.List;
import java.util.Optional;

/**
 * What helper.conf, the command line and the environment say.
 *
 * @param agentAddress where the Workload API listens, as {@code unix:///path} or an absolute path
 * @param daemon whether to follow all changes; otherwise everything is written once
 * @param identities the X.509 identities; the original's own is the first
 * @param notification whom the original tells of new files
 * @param ours whether there is a block {@code countersign}, so that probes are told more than the original tells
 * @param warnings what is accepted as the original accepts it, and probably not what was meant
 */
public record HelperConfig(
        String agentAddress,
        boolean daemon,
        List<Identity> identities,
        Optional<JwtBundleFile> jwtBundle,
        List<JwtTokenFile> jwtTokens,
        Notification notification,
        Optional<HealthSettings> health,
        boolean ours,
        LogSettings log,
        List<String> warnings) {
    public HelperConfig {
        identities = List.copyOf(identities);
        jwtTokens = List.copyOf(jwtTokens);
        warnings = List.copyOf(warnings);
    }
}
