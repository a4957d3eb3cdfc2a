// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.countersign.rpc.RpcChannels;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.AbstractStub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of every command that asks a running server, and the asking. */
final class ServerCall {
    private static final long PATIENCE_SECONDS = 30;

    @Mixin
    SocketFlag socket = new SocketFlag();

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            converter = OutputFormat.Reader.class,
            description = "pretty or json (pretty)")
    OutputFormat output = OutputFormat.PRETTY;

    /** Opens a channel for as long as {@code work} takes. */
    <T> T ask(Function<ManagedChannel, T> work) {
        var channel = RpcChannels.unix(socket.path());
        try {
            return work.apply(channel);
        } catch (StatusRuntimeException e) {
            throw e.getStatus().getCode() == Status.Code.UNAVAILABLE ? unreachable(e) : e;
        } finally {
            channel.shutdownNow();
        }
    }

    /** As {@link #ask}, with these words in front of what a refusal says. */
    <T> T ask(String words, Function<ManagedChannel, T> work) {
        try {
            return ask(work);
        } catch (StatusRuntimeException e) {
            throw new IllegalStateException(words + ": " + CallFailure.words(e), e);
        }
    }

    private StatusRuntimeException unreachable(StatusRuntimeException e) {
        return unreachable(socket.path(), e);
    }

    /** In the words of the original, which scripts look for. */
    static StatusRuntimeException unreachable(Path socket, StatusRuntimeException e) {
        var reason = Files.exists(socket) ? "connection refused" : "no such file or directory";
        return Status.UNAVAILABLE
                .withDescription("connection error: desc = \"transport: Error while dialing: dial unix //"
                        + socket.toAbsolutePath() + ": connect: " + reason + "\"; is the server running?")
                .withCause(e)
                .asRuntimeException();
    }

    static <S extends AbstractStub<S>> S waiting(S stub) {
        return stub.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Whether JSON is wanted. */
    boolean json() {
        return output == OutputFormat.JSON;
    }

    /** 1 if any item of a batch was refused, in JSON as in words: the original says 0 then, so that scripts miss it. */
    static <R> int exitCode(List<R> results, Function<R, io.countersign.serverapi.types.Status> status) {
        return results.stream().allMatch(result -> status.apply(result).getCode() == 0) ? 0 : 1;
    }

    /** An answer as the original's JSON: names of the protocol file in alphabetical order, every plain field, one line. */
    static String json(Message answer) {
        try {
            return SortedJson.of(JsonFormat.printer()
                    .includingDefaultValueFields()
                    .preservingProtoFieldNames()
                    .print(answer));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("an answer that was just parsed cannot be printed", e);
        }
    }
}
