"""The three Keras programs by which many learn of recurrent networks, setting by setting, and what they really learn.

Parameters are counted as torch has them, two biases a gate block where Keras has one: the recurrent layer has 1344
instead of 1312 in (a), 12 400 instead of 12 200 in (b), 2112 instead of 2080 in (c). An epoch is as many updates as it
takes to draw as many sequences as there are. Recurrent weights begin orthogonal and the forget bias is 1, as in Keras;
other weights, and RMSprop's decay 0.99 (Keras: 0.9), are torch's.
"""

from rnnviz.config import RunConfig
from rnnviz.lessons.lesson import Lesson

_KERAS = RunConfig(init="orthogonal", forget_bias=1.0, clip="off", rate=0.001, optimizer="adam")

TEXTBOOK_HELLO = Lesson(
    name="textbook_hello",
    title="Textbook: hello world",
    about=(
        "Characters, embedding 8, a simple network of 32 units, Adam, 100 epochs of one sequence: 1672 parameters, "
        "1640 in Keras, which has one bias where torch has two. The loss falls to 0.33, below the 0.468 nats of who "
        "sees one character alone: it learned which l is which, by remembering what came before. It learned these ten "
        "steps by heart and nothing else: no other text is there to be predicted."
    ),
    configs=(_KERAS.changed(task="hello", cell="rnn_tanh", length=10, embedding=8, hidden=32, batch=1),),
    updates=100,
)

TEXTBOOK_TRIGRAMS = Lesson(
    name="textbook_trigrams",
    title="Textbook: word trigrams",
    about=(
        "Two words are read, the third is said: embedding 10, an LSTM of 50 units, Adam, 200 epochs of 148 triples; "
        "12 400 of its 17 768 parameters are recurrent, 12 200 in Keras. In training nine of ten answers come to be "
        "right, while the held-out loss climbs from 4.5 to about 8 nats, far worse than guessing all words equally: "
        "120 parameters a triple learn the text by heart, not the language."
    ),
    configs=(_KERAS.changed(task="trigrams", cell="lstm", embedding=10, hidden=50, batch=32),),
    updates=1000,
)

TEXTBOOK_NOISE = Lesson(
    name="textbook_noise",
    title="Textbook: random numbers",
    about=(
        "1000 sequences of 100 × 32 random numbers and a random number to say after each; 32 units, RMSprop, squared "
        "error, batches of 32, ten epochs: 2112 recurrent parameters, 2080 in Keras. There is nothing to learn: the "
        "optimum is always 1/2, with an error of 1/12 = 0.0833. The training loss goes below it all the same, by "
        "learning by heart, and on fresh sequences the network is worse than a constant and gets worse the longer "
        "it learns."
    ),
    configs=(_KERAS.changed(task="noise", cell="rnn_tanh", length=100, hidden=32, batch=32, optimizer="rmsprop"),),
    updates=640,
)
