// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.bundle.TrustBundle;
import io.countersign.workloadapi.proto.JWTSVIDResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "jwt", description = "Fetches a JWT SVID from the Workload API")
final class FetchJwtCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    CallOptions call = new CallOptions();

    @Option(names = "--audience", split = ",", description = "comma separated list of audience values")
    List<String> audience = List.of();

    @Option(names = "--format", description = "deprecated; use -output")
    void format(String word) {
        call.output = word;
    }

    @Option(names = "--spiffeID", description = "SPIFFE ID subject (optional)")
    @Nullable
    String spiffeId;

    @Override
    public Integer call() {
        if (audience.isEmpty()) {
            throw new IllegalArgumentException("audience must be specified");
        }
        boolean json = call.json();
        try (var client = call.connect()) {
            var svids = client.fetchJwtSvidMessage(
                    audience, Optional.ofNullable(spiffeId).map(SpiffeId::parse));
            var bundles = client.fetchJwtBundles();
            if (json) {
                spec.commandLine().getOut().println(json(svids, bundles));
            } else {
                print(svids, bundles);
            }
        }
        return 0;
    }

    private void print(JWTSVIDResponse svids, Map<TrustDomain, TrustBundle> bundles) {
        var out = spec.commandLine().getOut();
        for (var svid : svids.getSvidsList()) {
            out.println("token(" + svid.getSpiffeId() + "):\n\t" + svid.getSvid());
            if (!svid.getHint().isEmpty()) {
                out.println("hint(" + svid.getSpiffeId() + "):\n\t" + svid.getHint());
            }
        }
        bundles.forEach((domain, bundle) -> out.println("bundle(" + domain.idString() + "):\n\t" + bundle.toJwks()));
    }

    /** Both responses of the Workload API in the form of their JSON mapping. */
    private static String json(JWTSVIDResponse svids, Map<TrustDomain, TrustBundle> bundles) {
        var tokens = new JsonArray();
        for (var svid : svids.getSvidsList()) {
            var object = new JsonObject();
            object.addProperty("hint", svid.getHint());
            object.addProperty("spiffe_id", svid.getSpiffeId());
            object.addProperty("svid", svid.getSvid());
            tokens.add(object);
        }
        var first = new JsonObject();
        first.add("svids", tokens);
        var keys = new JsonObject();
        bundles.forEach((domain, bundle) -> keys.addProperty(
                domain.idString(),
                Base64.getEncoder().encodeToString(bundle.toJwks().getBytes(StandardCharsets.UTF_8))));
        var second = new JsonObject();
        second.add("bundles", keys);
        var both = new JsonArray();
        both.add(first);
        both.add(second);
        return both.toString();
    }
}
