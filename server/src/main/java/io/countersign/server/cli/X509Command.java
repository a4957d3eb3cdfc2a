// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;
import io.countersign.launch.config.GoDuration;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.spiffe.SpiffeId;
import io.countersign.spiffe.x509.Der;
import io.countersign.spiffe.x509.Pem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
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

        @Option(names = "--ttl", description = "TTL of the X509-SVID, such as 10m (the server's default)")
        String ttl = "0s";

        @Option(names = "--dns", description = "DNS name that will be included in SVID. Can be used more than once")
        List<String> dnsNames = new ArrayList<>();

        @Option(names = "--write", description = "Directory to write output to instead of stdout")
        @Nullable
        Path write;

        private record Minted(String svid, String key, String roots) {}

        @Override
        public Integer call() throws IOException {
            if (spiffeId.isEmpty()) {
                throw new IllegalArgumentException("spiffeID must be specified");
            }
            var life = GoDuration.parse(ttl);
            var wanted = new KeyAndRequest(SpiffeId.parse(spiffeId), dnsNames);
            var asked = Instant.now();
            var svid = call.ask(channel -> ServerCall.waiting(SVIDGrpc.newBlockingStub(channel))
                            .mintX509SVID(MintX509SVIDRequest.newBuilder()
                                    .setCsr(ByteString.copyFrom(wanted.der))
                                    .setTtl(Math.toIntExact(life.toSeconds()))
                                    .build()))
                    .getSvid();
            var expiry = Instant.ofEpochSecond(svid.getExpiresAt());
            if (expiry.isBefore(asked.plus(life).minusSeconds(1))) {
                spec.commandLine()
                        .getErr()
                        .println(
                                "X509-SVID lifetime was capped shorter than specified ttl; expires \"" + expiry + "\"");
            }
            var chain = svid.getCertChainList().stream()
                    .flatMap(der -> Der.parseCertificates(der.toByteArray()).stream())
                    .toList();
            print(new Minted(
                    Pem.certificates(chain),
                    Pem.privateKey(wanted.keys.getPrivate()),
                    Pem.certificates(BundleCommand.authorities(BundleCommand.fetch(call)))));
            return 0;
        }

        private void print(Minted minted) throws IOException {
            var out = spec.commandLine().getOut();
            if (call.json()) {
                var object = new JsonObject();
                object.addProperty("private_key", minted.key());
                object.addProperty("root_cas", minted.roots());
                object.addProperty("x509_svid", minted.svid());
                out.println(object);
            } else if (write == null) {
                out.println("X509-SVID:\n" + minted.svid());
                out.println("Private key:\n" + minted.key());
                out.println("Root CAs:\n" + minted.roots());
            } else {
                write(out, write.resolve("svid.pem"), minted.svid(), "X509-SVID", "rw-r--r--");
                write(out, write.resolve("key.pem"), minted.key(), "Private key", "rw-------");
                write(out, write.resolve("bundle.pem"), minted.roots(), "Root CAs", "rw-r--r--");
            }
            out.flush();
        }

        private static void write(PrintWriter out, Path file, String pem, String what, String mode) throws IOException {
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
            Files.writeString(file, pem, StandardOpenOption.WRITE);
            out.println(what + " written to " + file);
        }
    }
}
