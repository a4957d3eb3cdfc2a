// SPDX-License-Identifier: Apache-2.0
package io.countersign.agent.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.countersign.workloadapi.WorkloadApiException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "jwt", description = "Validates a JWT SVID")
final class ValidateJwtCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    CallOptions call = new CallOptions();

    @Option(names = "--audience", description = "expected audience value")
    String audience = "";

    @Option(names = "--svid", description = "JWT SVID")
    String svid = "";

    @Override
    public Integer call() throws InvalidProtocolBufferException {
        if (audience.isEmpty()) {
            throw new IllegalArgumentException("audience must be specified");
        }
        if (svid.isEmpty()) {
            throw new IllegalArgumentException("svid must be specified");
        }
        var out = spec.commandLine().getOut();
        boolean json = call.json();
        try (var client = call.connect()) {
            var response = client.validateJwtSvid(audience, svid);
            var printer = JsonFormat.printer().preservingProtoFieldNames();
            if (json) {
                out.println(SortedJson.of(printer.print(response)));
            } else {
                out.println("SVID is valid.");
                out.println("SPIFFE ID : " + response.getSpiffeId());
                out.println("Claims    : " + SortedJson.of(printer.print(response.getClaims())));
            }
        } catch (WorkloadApiException e) {
            throw new IllegalArgumentException(words(e), e);
        }
        return 0;
    }

    private static String words(WorkloadApiException refused) {
        return refused.code() == Status.Code.INVALID_ARGUMENT
                        && refused.getCause() instanceof StatusRuntimeException rpc
                ? "SVID is not valid: " + rpc.getStatus().getDescription()
                : "unable to validate JWT SVID: " + Failures.words(refused);
    }
}
