// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.server.wire.Ids;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.SVIDGrpc;
import io.countersign.spiffe.SpiffeId;
import java.io.IOException;
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

@Command(name = "jwt", description = "JWT-SVIDs", subcommands = JwtCommand.Mint.class)
final class JwtCommand {
    @Command(name = "mint", description = "Mints a JWT-SVID")
    static final class Mint implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Mixin
        ServerCall call = new ServerCall();

        @Option(names = "--spiffeID", description = "SPIFFE ID of the JWT-SVID")
        String spiffeId = "";

        @Option(
                names = "--audience",
                description = "Audience claim that will be included in the SVID. Can be used more than once")
        List<String> audience = new ArrayList<>();

        @Option(
                names = "--ttl",
                converter = Life.Reader.class,
                description = "TTL of the JWT-SVID, such as 5m (the server's default)")
        Life ttl = Life.DEFAULT;

        @Option(names = "--write", description = "File to write token to instead of stdout")
        @Nullable
        Path write;

        @Override
        public Integer call() throws IOException {
            if (spiffeId.isEmpty()) {
                throw new IllegalArgumentException("spiffeID must be specified");
            }
            if (audience.isEmpty()) {
                throw new IllegalArgumentException("at least one audience must be specified");
            }
            var request = MintJWTSVIDRequest.newBuilder()
                    .setId(Ids.message(SpiffeId.parse(spiffeId)))
                    .addAllAudience(audience)
                    .setTtl(ttl.seconds())
                    .build();
            var asked = Instant.now();
            var minted = call.ask(
                    "unable to mint SVID",
                    channel -> ServerCall.waiting(SVIDGrpc.newBlockingStub(channel))
                            .mintJWTSVID(request));
            var expiry = Instant.ofEpochSecond(minted.getSvid().getExpiresAt());
            if (ttl.isCut(asked, expiry)) {
                spec.commandLine()
                        .getErr()
                        .println("JWT-SVID lifetime was capped shorter than specified ttl; expires \"" + expiry + "\"");
            }
            var out = spec.commandLine().getOut();
            if (write == null) {
                out.println(
                        call.json() ? ServerCall.json(minted) : minted.getSvid().getToken());
            } else {
                Files.deleteIfExists(write);
                Files.createFile(
                        write, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(write, minted.getSvid().getToken(), StandardOpenOption.WRITE);
                out.println("JWT-SVID written to " + write);
            }
            return 0;
        }
    }
}
