// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import com.google.gson.JsonObject;
import io.countersign.spiffe.x509.Pem;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "bundles", description = "Fetches the bundles that peers are verified with")
final class FetchBundlesCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    CallOptions call = new CallOptions();

    @Override
    public Integer call() {
        boolean json = call.json();
        var out = spec.commandLine().getOut();
        try (var client = call.connect()) {
            var x509 = new TreeMap<>(client.fetchX509Bundles());
            var jwt = new TreeMap<>(client.fetchJwtBundles());
            if (json) {
                var object = new JsonObject();
                x509.forEach((domain, bundle) -> {
                    var keys = new JsonObject();
                    keys.addProperty("x509_authorities", Pem.certificates(bundle.x509Authorities()));
                    keys.addProperty(
                            "jwt_authorities", jwt.getOrDefault(domain, bundle).toJwks());
                    object.add(domain.idString(), keys);
                });
                out.println(object);
            } else {
                x509.forEach((domain, bundle) -> out.print(
                        "x509 bundle(" + domain.idString() + "):\n" + Pem.certificates(bundle.x509Authorities())));
                jwt.forEach((domain, bundle) ->
                        out.println("jwt bundle(" + domain.idString() + "):\n\t" + bundle.toJwks()));
            }
            out.flush();
        }
        return 0;
    }
}
