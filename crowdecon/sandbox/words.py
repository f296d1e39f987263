"""The peer's words in Chinese, by what they are in English. It has no part in the product's catalogues."""

from html import escape

CHINESE = {
    # for payers
    "Pay": "支付",
    "This is a trial: no money moves.": "这是试用环境，不会动用真实资金。",
    "Save this card for next time": "保存这张卡，下次直接付款",
    "Cancel": "取消",
    "Or let it end another way": "或者换一种结果",
    "Not enough money on the card": "卡内余额不足",
    "The card is refused for good": "卡片永久被拒",
    "The bank asks to confirm": "银行要求确认",
    "There is not enough money on the card now. Nothing was taken.": "卡内余额暂时不足，没有扣款。",
    "Your bank refuses this card for good. Nothing was taken.": "银行拒绝了这张卡，没有扣款。",
    "You did not confirm it. Nothing was taken.": "你没有确认，没有扣款。",
    "Paid": "已支付",
    "Cancelled": "已取消",
    "Nothing was taken.": "没有扣款。",
    "Thank you. You can close this page.": "谢谢，可以关闭此页面了。",
    "Back": "返回",
    "Confirm with your bank": "向银行确认",
    "Is it you who pays?": "是你本人在付款吗？",
    "Yes, confirm": "是，确认付款",
    "No": "不是",
    "Test card": "测试卡",
    "There is nothing here.": "这里什么也没有。",
    "The address may be incomplete, or it is no longer valid.": "地址可能不完整，或者已经失效。",
    # for testers
    "A payment provider for trials": "试用支付平台",
    "It takes payments as a real one does, and no money moves. Things go wrong in it when you ask for that.": (
        "它像真实的支付平台一样收款，但不动用任何资金。你可以让它按需要出错。"
    ),
    "Name": "名称",
    "Where messages are sent": "消息发送地址",
    "Open an account": "开设账户",
    "Keys": "密钥",
    "Account": "账户",
    "Key": "密钥",
    "Secret for messages": "消息密钥",
    "Charges": "扣款",
    "Charged twice": "重复扣款",
    "Payments": "支付记录",
    "Refunds": "退款",
    "Disputes": "争议",
    "Messages": "消息",
    "What goes wrong": "故障开关",
    "Nothing goes wrong until you switch it on.": "默认一切正常，需要时再打开。",
    "once": "一次",
    "until switched off": "直到关闭",
    "Switch off": "关闭",
    "on": "已开",
    "Nothing yet.": "还没有。",
    "Dispute": "发起争议",
    "Won": "胜诉",
    "Lost": "败诉",
    "Arrived": "到账",
    "Failed": "失败",
    "Send again": "重新发送",
    "Send the balance to the bank": "把余额划到银行",
    "Answer five seconds late": "延迟五秒回应",
    "Do it, then drop the connection": "执行后断开连接",
    "Do nothing and answer 500": "不执行，回应 500",
    "Do it, then answer 500": "执行后回应 500",
    "Decline for now (no money)": "暂时拒绝（余额不足）",
    "Decline for good (lost card)": "永久拒绝（卡已挂失）",
    "Ask the payer to confirm": "要求付款人确认",
    "Send a message twice": "消息发送两次",
    "Send messages out of order": "消息乱序发送",
    "Lose a message": "消息丢失",
    "Refunds take their time": "退款延后到账",
    "Show a code to scan at a desk": "电脑上显示二维码",
    "pending": "处理中",
    "requires_action": "待确认",
    "succeeded": "成功",
    "soft_decline": "暂时拒绝",
    "hard_decline": "永久拒绝",
    "cancelled": "已取消",
    "open": "处理中",
    "won": "胜诉",
    "lost": "败诉",
}


class Words:
    """A reader's language, Chinese or English: what comes out is safe in HTML."""

    def __init__(self, language: str) -> None:
        self.chinese = language.lower().startswith("zh")

    @property
    def lang(self) -> str:
        return "zh-Hans" if self.chinese else "en"

    def __call__(self, words: str) -> str:
        return escape(CHINESE[words] if self.chinese else words.replace("_", " "))
