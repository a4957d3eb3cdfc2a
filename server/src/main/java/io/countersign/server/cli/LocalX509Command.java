// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.localauthority.ActivateX509AuthorityRequest;
import io.countersign.serverapi.localauthority.AuthorityState;
import io.countersign.serverapi.localauthority.GetX509AuthorityStateRequest;
import io.countersign.serverapi.localauthority.PrepareX509AuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeX509AuthorityRequest;
import io.countersign.serverapi.localauthority.TaintX509AuthorityRequest;
import java.util.Optional;
import picocli.CommandLine.Command;

@Command(
        name = "x509",
        description = "X.509 authorities of this server",
        subcommands = {
            LocalX509Command.Show.class,
            LocalX509Command.Prepare.class,
            LocalX509Command.Activate.class,
            LocalX509Command.Taint.class,
            LocalX509Command.Revoke.class
        })
final class LocalX509Command {
    @Command(name = "show", description = "Shows the X.509 authorities of this server")
    static final class Show extends AuthorityVerb {
        @Override
        public Integer call() {
            var request = GetX509AuthorityStateRequest.getDefaultInstance();
            var answer = ask("could not get X.509 authorities", stub -> stub.getX509AuthorityState(request));
            return print(answer, out -> {
                AuthorityReport.X509.print(out, "Active", given(answer.hasActive(), answer.getActive()));
                out.println();
                AuthorityReport.X509.print(out, "Prepared", given(answer.hasPrepared(), answer.getPrepared()));
                out.println();
                AuthorityReport.X509.print(out, "Old", given(answer.hasOld(), answer.getOld()));
            });
        }

        private static Optional<AuthorityState> given(boolean has, AuthorityState state) {
            return has ? Optional.of(state) : Optional.empty();
        }
    }

    @Command(
            name = "prepare",
            description = "Prepares a new X.509 authority: its key is made and its certificate is in the bundle then")
    static final class Prepare extends AuthorityVerb {
        @Override
        public Integer call() {
            var request = PrepareX509AuthorityRequest.getDefaultInstance();
            var answer = ask("could not prepare X.509 authority", stub -> stub.prepareX509Authority(request));
            return print(answer, out -> AuthorityReport.X509.print(out, "Prepared", answer.getPreparedAuthority()));
        }
    }

    @Command(name = "activate", description = "Lets the prepared X.509 authority sign from now on")
    static final class Activate extends AuthorityVerb.Named {
        @Override
        public Integer call() {
            var request = ActivateX509AuthorityRequest.newBuilder()
                    .setAuthorityId(id())
                    .build();
            var answer = ask("could not activate X.509 authority", stub -> stub.activateX509Authority(request));
            return print(answer, out -> AuthorityReport.X509.print(out, "Activated", answer.getActivatedAuthority()));
        }
    }

    @Command(name = "taint", description = "Marks the former X.509 authority, so that what it has signed is replaced")
    static final class Taint extends AuthorityVerb.Named {
        @Override
        public Integer call() {
            var request =
                    TaintX509AuthorityRequest.newBuilder().setAuthorityId(id()).build();
            var answer = ask("could not taint X.509 authority", stub -> stub.taintX509Authority(request));
            return print(answer, out -> AuthorityReport.X509.print(out, "Tainted", answer.getTaintedAuthority()));
        }
    }

    @Command(name = "revoke", description = "Takes the tainted former X.509 authority out of the bundle")
    static final class Revoke extends AuthorityVerb.Named {
        @Override
        public Integer call() {
            var request =
                    RevokeX509AuthorityRequest.newBuilder().setAuthorityId(id()).build();
            var answer = ask("could not revoke X.509 authority", stub -> stub.revokeX509Authority(request));
            return print(answer, out -> AuthorityReport.X509.print(out, "Revoked", answer.getRevokedAuthority()));
        }
    }
}
