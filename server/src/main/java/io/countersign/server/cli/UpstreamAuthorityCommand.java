// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.localauthority.RevokeX509UpstreamAuthorityRequest;
import io.countersign.serverapi.localauthority.TaintX509UpstreamAuthorityRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "upstreamauthority",
        description = "What signs the authorities of this server",
        subcommands = {UpstreamAuthorityCommand.Taint.class, UpstreamAuthorityCommand.Revoke.class})
final class UpstreamAuthorityCommand {
    abstract static class Verb extends AuthorityVerb {
        @Option(
                names = "--subjectKeyID",
                paramLabel = "ID",
                description = "The subject key id of the upstream authority's certificate, in hexadecimal")
        String subjectKeyId = "";

        String id() {
            if (subjectKeyId.isEmpty()) {
                throw new IllegalArgumentException("the Subject Key ID of the X.509 upstream authority is required");
            }
            return subjectKeyId;
        }
    }

    @Command(
            name = "taint",
            description = "Marks a former upstream authority, so that what is signed below it is replaced")
    static final class Taint extends Verb {
        @Override
        public Integer call() {
            var request = TaintX509UpstreamAuthorityRequest.newBuilder()
                    .setSubjectKeyId(id())
                    .build();
            var answer =
                    ask("could not taint X.509 upstream authority", stub -> stub.taintX509UpstreamAuthority(request));
            return print(answer, out -> {
                out.println("Tainted X.509 upstream authority:");
                out.println("  Subject Key ID: " + answer.getUpstreamAuthoritySubjectKeyId());
            });
        }
    }

    @Command(name = "revoke", description = "Takes a tainted former upstream authority out of the bundle")
    static final class Revoke extends Verb {
        @Override
        public Integer call() {
            var request = RevokeX509UpstreamAuthorityRequest.newBuilder()
                    .setSubjectKeyId(id())
                    .build();
            var answer =
                    ask("could not revoke X.509 upstream authority", stub -> stub.revokeX509UpstreamAuthority(request));
            return print(answer, out -> {
                out.println("Revoked X.509 upstream authority:");
                out.println("  Subject Key ID: " + answer.getUpstreamAuthoritySubjectKeyId());
            });
        }
    }
}
