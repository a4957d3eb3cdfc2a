// SPDX-License-Identifier: Apache-2.0
package io.countersign.sidecar.jwt;

import io.countersign.sidecar.bootstrap.JwtAuthn;
import io.countersign.sidecar.bootstrap.JwtProvider.Location;
import io.countersign.sidecar.bootstrap.JwtRequirement;
import io.countersign.sidecar.exchange.Exchange;
import io.netty.channel.EventLoop;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Judges requests by the tokens that they carry. Thread-safe. */
public final class TokenCheck {
    private final JwtAuthn settings;
    private final Map<String, Provider> providers;
    private final InstantSource clock;

    TokenCheck(JwtAuthn settings, Map<String, Provider> providers, InstantSource clock) {
        this.settings = settings;
        this.providers = Map.copyOf(providers);
        this.clock = clock;
    }

    /**
     * Call it on {@code loop}, where the answer comes, too, perhaps before this returns. Good tokens are taken out of the request
     * where the file says so.
     */
    public void judge(EventLoop loop, Exchange exchange, Consumer<JwtStatus> whoWaits) {
        // what a client writes there must not pass for claims that were verified
        providers.values().stream()
                .map(provider -> provider.settings().payloadHeader())
                .filter(name -> !name.isEmpty())
                .forEach(exchange.requestHeaders()::remove);
        var requirement = settings.rules().stream()
                .filter(rule -> rule.matches(exchange))
                .map(JwtAuthn.Rule::requirement)
                .findFirst()
                .orElse(new JwtRequirement.Nothing());
        var needed = concerned(requirement)
                .filter(provider -> !Extraction.tokens(provider.settings().locations(), exchange)
                        .isEmpty())
                .distinct()
                .toList();
        gather(needed.iterator(), loop, () -> whoWaits.accept(judge(requirement, exchange, clock.instant())));
    }

    /** Has the keys fetched that are not there, one after the other. */
    private static void gather(Iterator<Provider> providers, EventLoop loop, Runnable done) {
        while (providers.hasNext()) {
            var keys = providers.next().keys();
            if (!keys.isReady()) {
                keys.fetch(loop, () -> gather(providers, loop, done));
                return;
            }
        }
        done.run();
    }

    private Stream<Provider> concerned(JwtRequirement requirement) {
        return switch (requirement) {
            case JwtRequirement.Nothing nothing -> Stream.empty();
            case JwtRequirement.Provider one -> Stream.of(provider(one.name()));
            case JwtRequirement.Any any -> any.among().stream().flatMap(this::concerned);
            case JwtRequirement.All all -> all.of().stream().flatMap(this::concerned);
            case JwtRequirement.AllowMissing allowed -> providers.values().stream();
            case JwtRequirement.AllowMissingOrFailed allowed -> providers.values().stream();
        };
    }

    private Provider provider(String name) {
        return Objects.requireNonNull(providers.get(name), () -> "no provider " + name);
    }

    private JwtStatus judge(JwtRequirement requirement, Exchange exchange, Instant now) {
        return switch (requirement) {
            case JwtRequirement.Nothing nothing -> JwtStatus.OK;
            case JwtRequirement.Provider(String name, List<String> audiences) ->
                provider(name).judge(exchange, audiences, now);
            case JwtRequirement.Any any -> any(any.among(), exchange, now);
            case JwtRequirement.All all -> {
                for (var each : all.of()) {
                    var status = judge(each, exchange, now);
                    if (status != JwtStatus.OK) {
                        yield status;
                    }
                }
                yield JwtStatus.OK;
            }
            case JwtRequirement.AllowMissing allowed -> {
                var status = whoever(exchange, now);
                yield status == JwtStatus.MISSING ? JwtStatus.OK : status;
            }
            case JwtRequirement.AllowMissingOrFailed allowed -> {
                whoever(exchange, now);
                yield JwtStatus.OK;
            }
        };
    }

    /** The first that is fulfilled, those that let everything through last. Else the most telling of what is wrong. */
    private JwtStatus any(List<JwtRequirement> among, Exchange exchange, Instant now) {
        var demanding = among.stream().filter(each -> !isLenient(each)).toList();
        var worst = JwtStatus.MISSING;
        for (var each : demanding.isEmpty() ? among : demanding) {
            var status = judge(each, exchange, now);
            if (status == JwtStatus.OK) {
                return status;
            }
            boolean tells = status != JwtStatus.MISSING && status != JwtStatus.UNKNOWN_ISSUER;
            if (tells || worst == JwtStatus.MISSING) {
                worst = status;
            }
        }
        boolean lets = among.stream().anyMatch(JwtRequirement.AllowMissingOrFailed.class::isInstance)
                || (worst == JwtStatus.MISSING
                        && among.stream().anyMatch(JwtRequirement.AllowMissing.class::isInstance));
        return lets ? JwtStatus.OK : worst;
    }

    private static boolean isLenient(JwtRequirement requirement) {
        return switch (requirement) {
            case JwtRequirement.AllowMissing allowed -> true;
            case JwtRequirement.AllowMissingOrFailed allowed -> true;
            case JwtRequirement.Nothing nothing -> false;
            case JwtRequirement.Provider provider -> false;
            case JwtRequirement.Any any -> false;
            case JwtRequirement.All all -> false;
        };
    }

    /** Every token, wherever a provider has one, by the provider that it names. */
    private JwtStatus whoever(Exchange exchange, Instant now) {
        List<Location> everywhere = providers.values().stream()
                .flatMap(provider -> provider.settings().locations().stream())
                .distinct()
                .toList();
        var tokens = Extraction.tokens(everywhere, exchange).reversed();
        var worst = tokens.isEmpty() ? JwtStatus.MISSING : JwtStatus.OK;
        for (var found : tokens) {
            try {
                var token = Token.parse(found.text());
                issuer(found.location(), token).accept(found, token, List.of(), exchange, now);
            } catch (JwtRefusal e) {
                worst = e.status();
            }
        }
        return worst;
    }

    /** One that names the issuer before one that takes any. */
    private Provider issuer(Location location, Token token) throws JwtRefusal {
        return providers.values().stream()
                .filter(provider -> provider.settings().locations().contains(location) && provider.isFor(token))
                .min((one, other) -> Boolean.compare(
                        one.settings().issuer().isEmpty(),
                        other.settings().issuer().isEmpty()))
                .orElseThrow(() -> new JwtRefusal(JwtStatus.UNKNOWN_ISSUER));
    }

    /** Whether a browser asks what it may send, which it does without a token. */
    public boolean isPreflight(Exchange exchange) {
        return settings.bypassPreflight()
                && exchange.method().equals("OPTIONS")
                && !exchange.requestHeader("origin").orElse("").isEmpty()
                && !exchange.requestHeader("access-control-request-method")
                        .orElse("")
                        .isEmpty();
    }
}
