// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.server;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.countersign.it.differential.Answer;
import io.countersign.it.differential.server.ApiCase.Step;
import io.countersign.it.process.Await;
import io.countersign.serverapi.types.PermissionDeniedDetails;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One case on one side: its steps in order, and what was answered. */
final class Conversation {
    private static final long PATIENCE_SECONDS = 20;

    private final Callers callers;
    private final List<JsonElement> earlier = new ArrayList<>();
    private Answer answer = Answer.empty();

    private Conversation(Callers callers) {
        this.callers = callers;
    }

    static Answer hold(ApiCase wanted, Callers callers) throws Exception {
        var conversation = new Conversation(callers);
        for (var step : wanted.steps()) {
            switch (step) {
                case Step.Join(var name) -> callers.join(name);
                case Step.Renew(var name, var as) -> callers.renew(name, as);
                case Step.Mint(var name, var path) -> callers.mint(name, path);
                case Step.Run _, Step.Write _, Step.Look _ ->
                    throw new IllegalArgumentException(step + " is no step of the API");
                case Step.Pass(var seconds) -> pass(seconds);
                case Step.Call call -> conversation.call(call);
            }
        }
        return conversation.answer;
    }

    private static void pass(int seconds) {
        var end = Instant.now().plusSeconds(seconds);
        Await.until(
                Duration.ofSeconds(2L * seconds),
                "time stands still",
                () -> Instant.now().isAfter(end));
    }

    private void call(Step.Call call) throws Exception {
        var method = Methods.named(call.method());
        var request = Requests.json(call.request(), earlier);
        var shape = new Shape();
        var last = JsonParser.parseString("{}");
        Answer step;
        try {
            var answers = switch (method.getType()) {
                case UNARY -> List.of(unary(call.caller(), method, request));
                case SERVER_STREAMING -> answers(call.caller(), method, request);
                case BIDI_STREAMING -> stream(call.caller(), method, request);
                case CLIENT_STREAMING, UNKNOWN ->
                    throw new IllegalArgumentException(method + " is of a kind that SPIRE has none of");
            };
            step = Answer.empty().with("status", "OK");
            for (int i = 0; i < answers.size(); i++) {
                step = step.with(answers.size() == 1 ? "answer" : "answer[" + i + "]", shape.of(answers.get(i)));
                last = json(answers.get(i));
            }
        } catch (StatusRuntimeException | StatusException e) {
            step = refusal(e);
        }
        earlier.add(last);
        answer = answer.with(earlier.size() + "", step);
    }

    private Message unary(String caller, MethodDescriptor<Message, Message> method, JsonElement request)
            throws InvalidProtocolBufferException {
        return ClientCalls.blockingUnaryCall(callers.of(caller), method, options(), Methods.request(method, request));
    }

    private List<Message> answers(String caller, MethodDescriptor<Message, Message> method, JsonElement request)
            throws InvalidProtocolBufferException, InterruptedException, StatusException {
        var stream = ClientCalls.blockingV2ServerStreamingCall(
                callers.of(caller), method, options(), Methods.request(method, request));
        var answers = new ArrayList<Message>();
        for (var read = stream.read(); read != null; read = stream.read()) {
            answers.add(read);
        }
        return answers;
    }

    /** Sends one request after the other, each once the answer before it is whole. */
    private List<Message> stream(String caller, MethodDescriptor<Message, Message> method, JsonElement requests)
            throws InvalidProtocolBufferException, InterruptedException, StatusException {
        var answers = new ArrayList<Message>();
        var stream = ClientCalls.blockingBidiStreamingCall(callers.of(caller), method, options());
        for (var request : requests.getAsJsonArray()) {
            var _ = stream.write(Methods.request(method, request));
            boolean more = true;
            while (more) {
                var read = stream.read();
                if (read == null) {
                    return answers;
                }
                answers.add(read);
                var field = read.getDescriptorForType().findFieldByName("more");
                more = field != null && Boolean.TRUE.equals(read.getField(field));
            }
        }
        stream.halfClose();
        for (var read = stream.read(); read != null; read = stream.read()) {
            answers.add(read);
        }
        return answers;
    }

    private static CallOptions options() {
        return CallOptions.DEFAULT.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private static JsonElement json(Message message) throws InvalidProtocolBufferException {
        return JsonParser.parseString(
                JsonFormat.printer().preservingProtoFieldNames().print(message));
    }

    private static Answer refusal(Exception e) throws InvalidProtocolBufferException {
        var status = StatusProto.fromThrowable(e);
        if (status == null) {
            throw new IllegalStateException("a refusal without a status", e);
        }
        var refusal = Answer.empty()
                .with("status", io.grpc.Status.fromCodeValue(status.getCode()).getCode())
                .with("message", Shape.words(status.getMessage()));
        for (int i = 0; i < status.getDetailsCount(); i++) {
            refusal = refusal.with("details[" + i + "]", detail(status.getDetails(i)));
        }
        return refusal;
    }

    private static String detail(Any detail) throws InvalidProtocolBufferException {
        return detail.is(PermissionDeniedDetails.class)
                ? detail.unpack(PermissionDeniedDetails.class).getReason().name()
                : detail.toString();
    }
}
