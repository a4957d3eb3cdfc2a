// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.protobuf.ByteString;
import io.countersign.serverapi.bundle.BundleGrpc;
import io.countersign.serverapi.bundle.GetBundleRequest;
import io.countersign.serverapi.types.Bundle;
import io.countersign.spiffe.x509.Der;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "bundle",
        description = "Bundles",
        subcommands = {
            BundleCommand.Show.class,
            BundleCountCommand.class,
            BundleListCommand.class,
            BundleSetCommand.class,
            BundleDeleteCommand.class
        })
final class BundleCommand {
    static Bundle fetch(ServerCall call) {
        return call.ask(channel -> ServerCall.waiting(BundleGrpc.newBlockingStub(channel))
                .getBundle(GetBundleRequest.getDefaultInstance()));
    }

    static List<X509Certificate> authorities(Bundle bundle) {
        return bundle.getX509AuthoritiesList().stream()
                .map(authority -> authority.getAsn1())
                .map(ByteString::toByteArray)
                .flatMap(der -> Der.parseCertificates(der).stream())
                .toList();
    }

    @Command(name = "show", description = "Prints server CA bundle to stdout")
    static final class Show implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        ServerCall call = new ServerCall();

        @Option(names = "--format", description = "pem or spiffe (pem)")
        String format = "pem";

        @Override
        public Integer call() {
            var wanted = BundleFormat.named(format);
            var bundle = fetch(call);
            var out = spec.commandLine().getOut();
            if (call.json()) {
                out.println(ServerCall.json(bundle));
            } else {
                wanted.print(out, bundle);
            }
            out.flush();
            return 0;
        }
    }
}
