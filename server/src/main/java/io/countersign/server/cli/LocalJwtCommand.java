// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import io.countersign.serverapi.localauthority.ActivateJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.AuthorityState;
import io.countersign.serverapi.localauthority.GetJWTAuthorityStateRequest;
import io.countersign.serverapi.localauthority.PrepareJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.RevokeJWTAuthorityRequest;
import io.countersign.serverapi.localauthority.TaintJWTAuthorityRequest;
import java.util.Optional;
import picocli.CommandLine.Command;

@Command(
        name = "jwt",
        description = "JWT authorities of this server",
        subcommands = {
            LocalJwtCommand.Show.class,
            LocalJwtCommand.Prepare.class,
            LocalJwtCommand.Activate.class,
            LocalJwtCommand.Taint.class,
            LocalJwtCommand.Revoke.class
        })
final class LocalJwtCommand {
    @Command(name = "show", description = "Shows the JWT authorities of this server")
    static final class Show extends AuthorityVerb {
        @Override
        public Integer call() {
            var request = GetJWTAuthorityStateRequest.getDefaultInstance();
            var answer = ask(stub -> stub.getJWTAuthorityState(request));
            return print(answer, out -> {
                AuthorityReport.JWT.print(out, "Active", given(answer.hasActive(), answer.getActive()));
                out.println();
                AuthorityReport.JWT.print(out, "Prepared", given(answer.hasPrepared(), answer.getPrepared()));
                out.println();
                AuthorityReport.JWT.print(out, "Old", given(answer.hasOld(), answer.getOld()));
            });
        }

        private static Optional<AuthorityState> given(boolean has, AuthorityState state) {
            return has ? Optional.of(state) : Optional.empty();
        }
    }

    @Command(
            name = "prepare",
            description = "Prepares a new JWT authority: its key is made and its public half is in the bundle then")
    static final class Prepare extends AuthorityVerb {
        @Override
        public Integer call() {
            var request = PrepareJWTAuthorityRequest.getDefaultInstance();
            var answer = ask("could not prepare JWT authority", stub -> stub.prepareJWTAuthority(request));
            return print(answer, out -> AuthorityReport.JWT.print(out, "Prepared", answer.getPreparedAuthority()));
        }
    }

    @Command(name = "activate", description = "Lets the prepared JWT authority sign from now on")
    static final class Activate extends AuthorityVerb.Named {
        @Override
        public Integer call() {
            var request = ActivateJWTAuthorityRequest.newBuilder()
                    .setAuthorityId(id())
                    .build();
            var answer = ask("could not activate JWT authority", stub -> stub.activateJWTAuthority(request));
            return print(answer, out -> AuthorityReport.JWT.print(out, "Activated", answer.getActivatedAuthority()));
        }
    }

    @Command(name = "taint", description = "Marks the former JWT authority, so that what it has signed is replaced")
    static final class Taint extends AuthorityVerb.Named {
        @Override
        public Integer call() {
            var request =
                    TaintJWTAuthorityRequest.newBuilder().setAuthorityId(id()).build();
            var answer = ask("could not taint JWT authority", stub -> stub.taintJWTAuthority(request));
            return print(answer, out -> AuthorityReport.JWT.print(out, "Tainted", answer.getTaintedAuthority()));
        }
    }

    @Command(name = "revoke", description = "Takes the tainted former JWT authority out of the bundle")
    static final class Revoke extends AuthorityVerb.Named {
        @Override
        public Integer call() {
            var request =
                    RevokeJWTAuthorityRequest.newBuilder().setAuthorityId(id()).build();
            var answer = ask("could not revoke JWT authority", stub -> stub.revokeJWTAuthority(request));
            return print(answer, out -> AuthorityReport.JWT.print(out, "Revoked", answer.getRevokedAuthority()));
        }
    }
}
