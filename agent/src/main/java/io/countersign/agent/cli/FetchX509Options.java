// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import io.countersign.spiffe.TrustDomain;
import io.countersign.spiffe.x509.Pem;
import io.countersign.workloadapi.X509Context;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code api fetch x509}: shows the SVIDs, and writes them as files if a folder is given. */
final class FetchX509Options {
    @Mixin
    CallOptions call = new CallOptions();

    @Option(names = "--silent", description = "Suppress stdout")
    boolean silent;

    @Option(names = "--write", paramLabel = "DIR", description = "Write SVID data to the specified path")
    @Nullable
    Path write;

    int fetch(PrintWriter out) throws IOException {
        if (write != null && call.json()) {
            throw new IllegalArgumentException("-write is only available with -output pretty");
        }
        long began = System.nanoTime();
        try (var client = call.connect()) {
            var context = client.fetchX509Context();
            if (call.json()) {
                out.println(X509Report.json(context));
            } else if (!silent) {
                X509Report.print(out, context, Duration.ofNanos(System.nanoTime() - began), TrustDomain::idString);
            }
            if (write != null) {
                writeFiles(out, write, context);
            }
        }
        return 0;
    }

    private void writeFiles(PrintWriter out, Path folder, X509Context context) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < context.svids().size(); i++) {
            var svid = context.svids().get(i);
            var own = context.bundle(svid.id().trustDomain());
            write(
                    out,
                    folder.resolve("svid." + i + ".pem"),
                    "SVID",
                    "#" + i,
                    Pem.certificates(svid.chain()),
                    "rw-r--r--");
            write(
                    out,
                    folder.resolve("svid." + i + ".key"),
                    "key",
                    "#" + i,
                    Pem.privateKey(svid.privateKey()),
                    "rw-------");
            if (own.isPresent()) {
                var pem = Pem.certificates(own.get().x509Authorities());
                write(out, folder.resolve("bundle." + i + ".pem"), "bundle", "#" + i, pem, "rw-r--r--");
            }
            int n = 0;
            for (var bundle : new TreeMap<>(context.bundles()).values()) {
                if (!svid.id().isMemberOf(bundle.trustDomain())) {
                    var file = folder.resolve("federated_bundle." + i + "." + n + ".pem");
                    var label = "#" + n + " for trust domain "
                            + bundle.trustDomain().idString();
                    write(
                            out,
                            file,
                            "federated bundle",
                            label,
                            Pem.certificates(bundle.x509Authorities()),
                            "rw-r--r--");
                    n++;
                }
            }
        }
    }

    private void write(PrintWriter out, Path file, String what, String which, String text, String mode)
            throws IOException {
        out.println("Writing " + what + " " + which + " to file " + file + ".");
        Files.deleteIfExists(file);
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        var permissions = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode));
        try (var channel = Files.newByteChannel(file, options, permissions)) {
            channel.write(StandardCharsets.US_ASCII.encode(text));
        }
    }
}
