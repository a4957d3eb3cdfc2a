// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.identity;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.countersign.agent.TestDomain;
import io.countersign.spiffe.x509.X509Svid;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

final class RenewalRuleTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final TestDomain domain = new TestDomain(TestDomain.HOME);

    private static Duration leftAtRenewal(RenewalRule rule, X509Svid svid) {
        return Duration.between(rule.renewAt(svid), svid.expiresAt());
    }

    private static void assertBetween(Duration least, Duration most, Duration seen) {
        assertTrue(seen.compareTo(least) >= 0 && seen.compareTo(most) <= 0, seen::toString);
    }

    @RepeatedTest(20)
    void halfOfTheLifeGiveOrTakeATenth() {
        var left = leftAtRenewal(RenewalRule.HALF, domain.issue("/web", Duration.ofMinutes(100)));
        assertBetween(Duration.ofMinutes(44), Duration.ofMinutes(56), left);
    }

    @RepeatedTest(20)
    void asMuchIsLeftAsTheOperatorAskedForAndUpToTenMinutesMore() {
        var left = leftAtRenewal(new RenewalRule(Optional.of(DAY)), domain.issue("/web", Duration.ofDays(4)));
        assertBetween(DAY, DAY.plusMinutes(10), left);
    }

    @Test
    void aCertificateTooShortForTheTargetIsRenewedAtHalfOfItsLife() {
        var left = leftAtRenewal(new RenewalRule(Optional.of(DAY)), domain.issue("/web", Duration.ofHours(35)));
        assertBetween(Duration.ofHours(15), Duration.ofHours(20), left);
    }
}
