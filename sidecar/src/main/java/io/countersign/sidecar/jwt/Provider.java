// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.jwt;

import io.countersign.sidecar.bootstrap.JwtProvider;
import io.countersign.sidecar.exchange.Exchange;
import io.countersign.sidecar.jwt.Extraction.Found;
import io.countersign.spiffe.jwt.JwtSvid;
import io.countersign.spiffe.jwt.JwtSvidException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Somebody whose tokens are good, with the keys. */
record Provider(JwtProvider settings, Keys keys) {
    private static final Logger log = LoggerFactory.getLogger(Provider.class);

    boolean isFor(Token token) {
        return settings.issuer().isEmpty() || settings.issuer().equals(token.issuer());
    }

    /**
     * Judges all tokens of a request that are where this one's are: if one were left out, the program behind might take it for
     * the good one.
     *
     * @param audiences in the place of the provider's own; empty for these
     */
    JwtStatus judge(Exchange exchange, List<String> audiences, Instant now) {
        var tokens = Extraction.tokens(settings.locations(), exchange).reversed();
        if (tokens.isEmpty()) {
            return JwtStatus.MISSING;
        }
        try {
            for (var found : tokens) {
                var token = Token.parse(found.text());
                if (!isFor(token)) {
                    return JwtStatus.UNKNOWN_ISSUER;
                }
                accept(found, token, audiences, exchange, now);
            }
            return JwtStatus.OK;
        } catch (JwtRefusal e) {
            return e.status();
        }
    }

    void accept(Found found, Token token, List<String> audiences, Exchange exchange, Instant now) throws JwtRefusal {
        var demanded = audiences.isEmpty() ? settings.audiences() : audiences;
        token.checkTime(now, settings.skew());
        if (keys instanceof Keys.Bundles(var bundles)) {
            if (demanded.stream().noneMatch(token.audiences()::contains)) {
                throw new JwtRefusal(JwtStatus.AUDIENCE_NOT_ALLOWED);
            }
            try {
                JwtSvid.parseAndValidate(found.text(), bundles, Set.copyOf(demanded), now);
            } catch (JwtSvidException e) {
                log.atDebug().addKeyValue("reason", e.getMessage()).log("JWT-SVID refused");
                throw new JwtRefusal(JwtStatus.VERIFICATION_FAILED);
            }
        } else {
            checkAudience(token, demanded);
            keys.current().orElseThrow(() -> new JwtRefusal(JwtStatus.NO_KEYS)).verify(token);
        }
        pass(found, token, exchange);
    }

    /** Whether it is written with a scheme or a slash at the end makes no difference, as with Envoy. */
    private static void checkAudience(Token token, List<String> demanded) throws JwtRefusal {
        var named = new HashSet<>(bare(token.audiences()));
        named.retainAll(bare(demanded));
        if (!demanded.isEmpty() && named.isEmpty()) {
            throw new JwtRefusal(JwtStatus.AUDIENCE_NOT_ALLOWED);
        }
    }

    private static Set<String> bare(List<String> audiences) {
        return audiences.stream()
                .map(audience -> audience.replaceFirst("^https?://", "").replaceFirst("/$", ""))
                .collect(Collectors.toSet());
    }

    private void pass(Found found, Token token, Exchange exchange) {
        if (!settings.payloadHeader().isEmpty()) {
            exchange.requestHeaders().add(settings.payloadHeader(), payload(token));
        }
        if (!settings.forward()) {
            Extraction.remove(found, exchange);
        }
    }

    private String payload(Token token) {
        return settings.padded()
                ? Base64.getUrlEncoder().encodeToString(Base64.getUrlDecoder().decode(token.payload()))
                : token.payload();
    }
}
