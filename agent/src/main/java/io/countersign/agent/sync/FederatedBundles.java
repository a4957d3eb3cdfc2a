// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.sync;

import io.countersign.agent.server.Refusals;
import io.countersign.agent.server.Server;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.grpc.StatusRuntimeException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bundles of other trust domains, each of which may fail without the rest. For one thread. */
final class FederatedBundles {
    private static final Logger log = LoggerFactory.getLogger(FederatedBundles.class);

    private final Server server;
    /** What the log has said last of those that fail. */
    private final Map<TrustDomain, String> faults = new HashMap<>();

    FederatedBundles(Server server) {
        this.server = server;
    }

    /** All that the server has; one that cannot be had now is as it was {@code before}. */
    Map<TrustDomain, TrustBundle> fetch(Set<TrustDomain> domains, Map<TrustDomain, TrustBundle> before) {
        faults.keySet().retainAll(domains);
        // at once, as many that are slow would have certificates wait that are to be signed
        var asked = domains.stream().collect(Collectors.toMap(domain -> domain, this::ask));
        var bundles = new HashMap<TrustDomain, TrustBundle>();
        asked.forEach(
                (domain, answer) -> answered(domain, answer, before).ifPresent(bundle -> bundles.put(domain, bundle)));
        return bundles;
    }

    private CompletableFuture<Optional<TrustBundle>> ask(TrustDomain domain) {
        return CompletableFuture.supplyAsync(() -> server.federatedBundle(domain), Thread.ofVirtual()::start);
    }

    private Optional<TrustBundle> answered(
            TrustDomain domain, CompletableFuture<Optional<TrustBundle>> answer, Map<TrustDomain, TrustBundle> before) {
        try {
            var bundle = answer.join();
            faults.remove(domain);
            return bundle;
        } catch (CompletionException e) {
            var fault = e.getCause() instanceof StatusRuntimeException refused
                    ? Refusals.words(refused)
                    : String.valueOf(e.getCause());
            if (!fault.equals(faults.put(domain, fault))) {
                log.atWarn()
                        .addKeyValue("trust_domain", domain)
                        .log("the bundle of a federated trust domain cannot be had and stays as it was: {}", fault);
            }
            return Optional.ofNullable(before.get(domain));
        }
    }
}
