// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import io.countersign.it.differential.Answer;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.health.v1.HealthGrpc.HealthBlockingStub;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A question that a client of gRPC asks a program through a sidecar.
 *
 * @param host whom it asks for
 * @param credentials what it says of itself
 */
record GrpcCase(String name, String host, ChannelCredentials credentials, Call call) implements Case {
    private static final int SECONDS = 20;

    @FunctionalInterface
    interface Call {
        Answer by(Channel channel) throws Exception;
    }

    static GrpcCase plain(String name, String host, Call call) {
        return new GrpcCase(name, host, InsecureChannelCredentials.create(), call);
    }

    /** The same by a client of other credentials. */
    GrpcCase by(String how, ChannelCredentials others) {
        return new GrpcCase(name + ", " + how, host, others, call);
    }

    @Override
    public String toString() {
        return name;
    }

    @Override
    public Answer ask(Running sidecar) throws Exception {
        var channel = Grpc.newChannelBuilderForAddress("127.0.0.1", sidecar.port("grpc"), credentials)
                .overrideAuthority(host)
                .build();
        try {
            return call.by(channel);
        } catch (StatusRuntimeException e) {
            return refused(Answer.empty(), e.getStatus(), e.getTrailers());
        } finally {
            channel.shutdownNow();
        }
    }

    static HealthBlockingStub stub(Channel channel) {
        return HealthGrpc.newBlockingStub(channel).withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    static HealthCheckRequest about(String what) {
        return HealthCheckRequest.newBuilder().setService(what).build();
    }

    static GrpcCase unary(String name, String host, String what) {
        return plain(
                name,
                host,
                channel -> Answer.empty()
                        .with("message", stub(channel).check(about(what)).getStatus())
                        .with("status", Status.Code.OK));
    }

    static GrpcCase streaming(String name, String host, String what) {
        return plain(name, host, channel -> {
            int count = 0;
            try {
                for (var messages = stub(channel).watch(about(what)); messages.hasNext(); messages.next()) {
                    count++;
                }
                return Answer.empty().with("messages", count).with("status", Status.Code.OK);
            } catch (StatusRuntimeException e) {
                return refused(Answer.empty().with("messages", count), e.getStatus(), e.getTrailers());
            }
        });
    }

    /** Says all words and hears one answer. */
    static GrpcCase counting(String name, List<String> words) {
        return plain(name, "app.test", channel -> {
            var called = ClientCalls.blockingClientStreamingCall(channel, GrpcWords.COUNT, options());
            var said = new ArrayList<String>();
            return ended(said, () -> {
                for (var word : words) {
                    called.write(word);
                }
                called.halfClose();
                hearAll(called, said);
            });
        });
    }

    /** Says no word before the one before it is answered. */
    static GrpcCase talking(String name, List<String> words) {
        return plain(name, "app.test", channel -> {
            var called = ClientCalls.blockingBidiStreamingCall(channel, GrpcWords.TALK, options());
            var said = new ArrayList<String>();
            return ended(said, () -> {
                for (var word : words) {
                    called.write(word);
                    said.add(String.valueOf(called.read()));
                }
                called.halfClose();
                hearAll(called, said);
            });
        });
    }

    private static CallOptions options() {
        return CallOptions.DEFAULT.withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
    }

    private static void hearAll(BlockingClientCall<String, String> called, List<String> said)
            throws InterruptedException, StatusException {
        while (called.hasNext()) {
            said.add(String.valueOf(called.read()));
        }
    }

    @FunctionalInterface
    private interface Conversation {
        void have() throws Exception;
    }

    private static Answer ended(List<String> said, Conversation conversation) throws Exception {
        try {
            conversation.have();
            return Answer.empty().with("said", said).with("status", Status.Code.OK);
        } catch (StatusException e) {
            return refused(Answer.empty().with("said", said), e.getStatus(), e.getTrailers());
        }
    }

    private static Answer refused(Answer answer, Status status, @Nullable Metadata trailers) {
        var all = answer.with("status", status.getCode()).with("words", String.valueOf(status.getDescription()));
        return trailers == null
                ? all
                : all.with("told", String.valueOf(trailers.get(GrpcProgram.TOLD)))
                        .with("bytes", Arrays.toString(trailers.get(GrpcProgram.BYTES)));
    }
}
