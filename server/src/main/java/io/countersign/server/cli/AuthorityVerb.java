// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.protobuf.Message;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc;
import io.countersign.serverapi.localauthority.LocalAuthorityGrpc.LocalAuthorityBlockingStub;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that shows or changes what signs on one server. */
abstract class AuthorityVerb implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ServerCall call = new ServerCall();

    /** One that says which authority it is about. */
    abstract static class Named extends AuthorityVerb {
        @Option(names = "--authorityID", paramLabel = "ID", description = "The authority ID of the authority")
        String authorityId = "";

        String id() {
            if (authorityId.isEmpty()) {
                throw new IllegalArgumentException("an authority ID is required");
            }
            return authorityId;
        }
    }

    <A> A ask(Function<LocalAuthorityBlockingStub, A> question) {
        return call.ask(channel -> question.apply(ServerCall.waiting(LocalAuthorityGrpc.newBlockingStub(channel))));
    }

    /** With these words in front of what a refusal says. */
    <A> A ask(String words, Function<LocalAuthorityBlockingStub, A> question) {
        return call.ask(
                words, channel -> question.apply(ServerCall.waiting(LocalAuthorityGrpc.newBlockingStub(channel))));
    }

    /** As JSON, or as people read it. */
    int print(Message answer, Consumer<PrintWriter> pretty) {
        var out = spec.commandLine().getOut();
        if (call.json()) {
            out.println(ServerCall.json(answer));
        } else {
            pretty.accept(out);
        }
        out.flush();
        return 0;
    }
}
