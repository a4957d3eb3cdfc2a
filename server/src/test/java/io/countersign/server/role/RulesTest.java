// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.role;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.countersign.server.Methods;
import io.countersign.server.TestConfig;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of roles has every method that an administrator or a local program may call, and no other. */
class RulesTest {
    private static final Set<String> NOT_THEIRS = Set.of(
            "Agent/AttestAgent",
            "Agent/RenewAgent",
            "Agent/PostStatus",
            "Entry/GetAuthorizedEntries",
            "Entry/SyncAuthorizedEntries",
            "SVID/BatchNewX509SVID",
            "SVID/NewJWTSVID",
            "SVID/BatchNewWITSVID",
            "SVID/NewDownstreamX509CA",
            "Bundle/GetBundle",
            "Bundle/PublishJWTAuthority",
            "Bundle/PublishWITAuthority");

    @Test
    void everyMethodForOperatorsHasARule() {
        var rules = new Rules(TestConfig.DOMAIN, id -> Optional.empty());

        var without = Methods.all()
                .filter(method -> rules.of(method).isEmpty())
                .map(method -> method.replaceAll(".*\\.", ""))
                .collect(Collectors.toSet());

        assertEquals(NOT_THEIRS, without);
    }
}
