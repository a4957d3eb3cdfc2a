// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "x509", description = "X509-SVIDs", subcommands = X509Command.Mint.class)
final class X509Command {
    @Command(name = "mint", description = "Mints an X509-SVID")
    static final class Mint implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        ServerCall call = new ServerCall();

        @Option(names = "--spiffeID", description = "SPIFFE ID of the X509-SVID")
        String spiffeId = "";

        @Option(
                names = "--ttl",
                converter = Life.Reader.class,
                description = "TTL of the X509-SVID, such as 10m (the server's default)")
        Life ttl = Life.DEFAULT;

        @Option(names = "--dns", description = "DNS name that will be included in SVID. Can be used more than once")
        List<String> dnsNames = new ArrayList<>();

        @Option(names = "--write", description = "Directory to write output to instead of stdout")
        @Nullable
        Path write;

        private record Minted(List<X509Certificate> svid, PrivateKey key, List<X509Certificate> roots) {}

        @Override
        public Integer call() throws IOException {
            if (spiffeId.isEmpty()) {
                throw new IllegalArgumentException("spiffeID must be specified");
            }
            var wanted = new KeyAndRequest(SpiffeId.parse(spiffeId), dnsNames);
            var asked = Instant.now();
            var svid = call.ask(
                            "unable to mint SVID",
                            channel -> ServerCall.waiting(SVIDGrpc.newBlockingStub(channel))
                                    .mintX509SVID(MintX509SVIDRequest.newBuilder()
                                            .setCsr(ByteString.copyFrom(wanted.der))
                                            .setTtl(ttl.seconds())
                                            .build()))
                    .getSvid();
            var expiry = Instant.ofEpochSecond(svid.getExpiresAt());
            if (ttl.isCut(asked, expiry)) {
                spec.commandLine()
                        .getErr()
                        .println(
                                "X509-SVID lifetime was capped shorter than specified ttl; expires \"" + expiry + "\"");
            }
            var chain = svid.getCertChainList().stream()
                    .flatMap(der -> Der.parseCertificates(der.toByteArray()).stream())
                    .toList();
            print(new Minted(chain, wanted.keys.getPrivate(), BundleCommand.authorities(BundleCommand.fetch(call))));
            return 0;
        }

        private void print(Minted minted) throws IOException {
            var out = spec.commandLine().getOut();
            var svid = Pem.certificates(minted.svid());
            var key = Pem.privateKey(minted.key());
            var roots = Pem.certificates(minted.roots());
            if (write != null) {
                write(out, write.resolve("svid.pem"), svid, "X509-SVID", "rw-r--r--");
                write(out, write.resolve("key.pem"), key, "Private key", "rw-------");
                write(out, write.resolve("bundle.pem"), roots, "Root CAs", "rw-r--r--");
            } else if (call.json()) {
                var object = new JsonObject();
                object.add("x509_svid", der(minted.svid()));
                object.addProperty(
                        "private_key",
                        Base64.getEncoder().encodeToString(minted.key().getEncoded()));
                object.add("root_cas", der(minted.roots()));
                out.println(object);
            } else {
                out.println("X509-SVID:\n" + svid);
                out.println("Private key:\n" + key);
                out.println("Root CAs:\n" + roots);
            }
            out.flush();
        }

        private static JsonArray der(List<X509Certificate> certificates) {
            var all = new JsonArray();
            for (var certificate : certificates) {
                all.add(Base64.getEncoder().encodeToString(Der.encodeCertificates(List.of(certificate))));
            }
            return all;
        }

        private static void write(PrintWriter out, Path file, String pem, String what, String mode) throws IOException {
            try {
                Files.deleteIfExists(file);
                Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
                Files.writeString(file, pem, StandardOpenOption.WRITE);
            } catch (NoSuchFileException e) {
                throw new IllegalArgumentException(
                        "unable to write " + what.replace("X509-", "") + ": open " + file
                                + ": no such file or directory",
                        e);
            }
            out.println(what + " written to " + file);
        }
    }
}
